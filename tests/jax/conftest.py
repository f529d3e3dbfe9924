"""These tests run by themselves (`make test-jax`), since a process has one backend."""

import os

collect_ignore_glob = [] if os.environ.get("KERAS_BACKEND") == "jax" else ["test_*.py"]
