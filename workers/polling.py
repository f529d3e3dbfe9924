"""Work goes on without the broker: where no permit comes, a worker looks into the database by itself."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence

from django.db import DatabaseError, InterfaceError, close_old_connections

logger = logging.getLogger(__name__)


class Poller:
    """A thread that calls `tidy` every `seconds`, and after as many without a permit works on each lane in turn as
    long as that ends something.

    `working` is held by whoever works, this thread or the one with the permits: the detectors are for one at a time.
    """

    def __init__(self, *, work: Callable[[str], int], tidy: Callable[[], object], seconds: float) -> None:
        self._work = work
        self._tidy = tidy
        self._seconds = seconds
        self.working = threading.Lock()
        self._last_permit = time.monotonic()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, lanes: Callable[[], Sequence[str]]) -> None:
        """`lanes` is asked at each turn: a worker's queues are known only after it has started."""
        self._thread = threading.Thread(target=self._run, args=(lanes,), name="polling", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Takes up nothing more; waits for nothing, as a signal handler must."""
        self._stopping.set()

    def finish(self) -> None:
        """Waits until what is in hand is finished."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def use_permit(self, lane: str) -> int:
        """What a permit is for; while permits come there is nothing to poll for."""
        with self.working:
            self._last_permit = time.monotonic()
            ended = self._work(lane)
            self._last_permit = time.monotonic()
            return ended

    def _run(self, lanes: Callable[[], Sequence[str]]) -> None:
        # Not all workers at once.
        while not self._stopping.wait(self._seconds * (0.75 + random.random() / 2)):  # noqa: S311
            try:
                close_old_connections()
                self._tidy()
                while self._misses_permits() and self._poll(lanes()):
                    pass
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database cannot be asked for work: %s", error)
            except Exception:
                # As Celery does for a permit: the lease ends, the claim is taken up again, and this thread must live.
                logger.exception("What was claimed without a permit came to nothing.")

    def _misses_permits(self) -> bool:
        return not self._stopping.is_set() and time.monotonic() - self._last_permit >= self._seconds

    def _poll(self, lanes: Sequence[str]) -> bool:
        """Works on the first lane that has something; says whether one had."""
        with self.working:
            return any(self._work(lane) for lane in lanes)
