"""Removes what dead uploads left: parts that nobody kept, and files that no row ever named."""

import logging
import os
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from batches import store
from batches.models import Image, UploadKey

logger = logging.getLogger(__name__)

FOLDERS = 256  # of the store, by the first two digits of a hash
KEY_LIFE = timedelta(days=1)
LOOK_UP = 500  # hashes asked for in one query


def tidy() -> int:
    """Removes old upload keys and parts, and the old files without a row from one folder of the store; returns how
    many files. Called every few seconds, it has been through all folders in half an hour and is never at it for
    long."""
    UploadKey.objects.filter(created_at__lt=timezone.now() - KEY_LIFE).delete()
    folder = settings.FILES / f"{int(time.time() / settings.SWEEP_SECONDS) % FOLDERS:02x}"
    return store.sweep_incoming() + sweep(folder)


def sweep(folder: Path) -> int:
    """Removes the files in a folder of the store that are older than an hour and have no row: their upload died
    between file and row. Returns how many."""
    old = [path for path in folder.glob("*/*") if _is_old(path)]
    removed = 0
    for first in range(0, len(old), LOOK_UP):
        names = {path.name: path for path in old[first : first + LOOK_UP]}
        known = set(Image.objects.filter(sha256__in=names).values_list("sha256", flat=True))
        removed += sum(_remove(path) for name, path in names.items() if name not in known)
    if removed:
        logger.warning("%d files were removed whose upload had died before they were written down.", removed)
    return removed


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > store.ABANDONED_SECONDS
    except FileNotFoundError:
        return False


def _remove(path: Path) -> bool:
    """Takes the file away, unless an upload of the same bytes has just put it there anew and is writing its row."""
    aside = settings.INCOMING / f"{path.name}.part"
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    if _is_old(aside):
        aside.unlink()
        return True
    with suppress(FileExistsError):  # put there once more
        os.link(aside, path)
    aside.unlink()
    return False
