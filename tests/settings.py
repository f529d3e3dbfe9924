"""The application's settings over a temporary HOME; ASSAY_TEST_DATABASE=postgres puts them on a real PostgreSQL."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import postgres

# Those of the processes that a test starts lie in its own: where one is killed, nothing of it stays.
_HOME = tempfile.mkdtemp(prefix="assay-test-", dir=os.environ.get("ASSAY_TEST_HOME"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["ASSAY_HOME"] = os.environ["ASSAY_TEST_HOME"] = _HOME
os.environ["ASSAY_LOG_LEVEL"] = "WARNING"

_tester = os.environ.get("PYTEST_XDIST_WORKER", "main")  # each has a server of its own
if os.environ.get("ASSAY_TEST_DATABASE") != "postgres":
    os.environ.pop("DATABASE_URL", None)
elif os.environ.get("ASSAY_TEST_SERVER_OF") != _tester:  # else a test started this process
    os.environ["XDG_RUNTIME_DIR"] = _HOME  # else the package warns, and warnings are errors
    _server = postgres.start(Path(_HOME) / "postgres")
    os.environ["DATABASE_URL"] = _server.get_uri()
    os.environ["ASSAY_TEST_SERVER_OF"] = _tester

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

# A file, not memory: threads and child processes see the same database.
DATABASES["default"]["TEST"] = {"NAME": "assay_test" if "DATABASE_URL" in os.environ else Path(_HOME) / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
