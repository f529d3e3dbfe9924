"""The application's settings over the database of the running test, for the worker it starts as a child."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["ASSAY_TEST_NAME"]
