"""A worker's sign of life: its row, written by a thread of its own, so that a long permit or a hung one shows too."""

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from prometheus_client import generate_latest

from config import meters
from status.models import WorkerBeat

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(days=1)


class Pulse:
    """What this process does now; `start` has it written every BEAT_SECONDS until `stop`."""

    def __init__(self) -> None:
        self._boot_id = uuid.uuid4()
        self._born = time.monotonic()
        self._progress: float | None = None  # on the monotonic clock, as are all its times
        self._busy: float | None = None
        self._images = 0
        self._model = ("", "")
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, model_version: str, engine: str) -> None:
        """This is the model it holds open."""
        self._model = (model_version, engine)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around one permit."""
        self._busy = time.monotonic()
        try:
            yield
        finally:
            self._busy = None

    def count(self, images: int) -> None:
        """A permit was used up, and so many analyses ended."""
        self._images += images
        self._progress = time.monotonic()

    def start(self, name: str) -> None:
        """Writes once, and from then on in a thread."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, args=(name,), name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Has the thread say good-bye; waits for it a little."""
        self._ending.set()
        if self._thread:
            self._thread.join(timeout=5)

    def _run(self, name: str) -> None:
        is_heard = True
        while True:
            is_ending = self._ending.is_set()
            close_old_connections()
            try:
                self.write(name, is_ending=is_ending)
                is_heard = True
            except (DatabaseError, InterfaceError) as error:
                if is_heard:  # once, not every few seconds while the database is down
                    logger.warning("The database does not take this worker's sign of life (%s).", error)
                is_heard = False
            if is_ending:
                connection.close()
                return
            self._ending.wait(settings.BEAT_SECONDS)

    def write(self, name: str, *, is_ending: bool = False) -> None:
        model_version, engine = self._model
        WorkerBeat.objects.update_or_create(
            name=name,
            defaults={
                "boot_id": self._boot_id,
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "model_version": model_version,
                "engine": engine,
                "started_at": _at(self._born),
                "seen_at": Now(),
                "ended_at": Now() if is_ending else None,
                "last_progress": _at(self._progress) if self._progress else None,
                "busy_since": _at(self._busy) if self._busy else None,
                "images": self._images,
                "rss": resident_bytes(),
                "measured": generate_latest(meters.REGISTRY).decode(),
            },
        )


def forget() -> int:
    """Removes workers that have not been heard of for a day. Returns how many."""
    removed, _ = WorkerBeat.objects.filter(seen_at__lt=Now() - FORGOTTEN_AFTER).delete()
    return removed


def resident_bytes() -> int:
    """Of this process (proc(5), statm: pages)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _at(monotonic: float) -> Combinable:
    """A moment of this process on the database's clock."""
    return Now() - timedelta(seconds=time.monotonic() - monotonic)


pulse = Pulse()  # of this process
