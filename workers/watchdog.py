"""Ends a worker that is stuck: whoever looks after it starts it anew, and what it held is taken up again."""

import faulthandler
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EX_SOFTWARE = 70  # sysexits.h
GRACE_SECONDS = 5.0
STDERR = 2  # the descriptor: Celery puts a logger in the place of sys.stderr


@contextmanager
def watching(seconds: float) -> Iterator[None]:
    """Within it, after so many seconds the stacks of all threads go to standard error and the process ends with 70.

    Where a library hangs with Python's lock in its hand no thread of ours can run: then faulthandler's own, which
    needs no lock, ends the process with 1, a little later.
    """
    faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=STDERR)
    timer = threading.Timer(seconds, _give_up, [seconds])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        faulthandler.cancel_dump_traceback_later()


def _give_up(seconds: float) -> None:
    print(f"The worker has been at one claim for {seconds:.0f} s and ends itself.", file=sys.__stderr__)
    faulthandler.dump_traceback(file=STDERR)
    os._exit(EX_SOFTWARE)
