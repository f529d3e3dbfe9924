"""The application's settings for the processes of a fault test: on the database of the test, with the faults' hooks."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS

if name := os.environ.get("ASSAY_TEST_NAME"):
    DATABASES["default"]["NAME"] = name
INSTALLED_APPS += ["tests.faults.apps.Faults"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
