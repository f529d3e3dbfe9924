"""What lies on a disk for good: after a sync a power cut cannot take it."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """A file's bytes, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
