"""Celery workers: each uses up one permit at a time and keeps the models that it needs open."""

import sys
from pathlib import Path

# `celery -A workers.app` starts in a bare checkout, where nothing has put platform/ on the path yet.
_SOURCE_ROOT = str(Path(__file__).resolve().parent.parent / "platform")
if _SOURCE_ROOT not in sys.path:
    sys.path.insert(0, _SOURCE_ROOT)
