"""What a test orders the running processes to do: a file for each named point, taken by the first who gets there."""

import errno
import os
import signal
import time
from pathlib import Path

# Each runs in the process that reaches the point.
KILL, HANG, FULL = "kill", "hang", "full"


def _folder() -> Path:
    return Path(os.environ["ASSAY_FAULTS"])


def give(point: str, action: str, *, always: bool = False) -> None:
    """The first process at the point obeys; with `always` everyone does, until `withdraw`."""
    draft = _folder() / f".{point}"
    draft.write_text(f"{action} {'always' if always else 'once'}")
    draft.replace(_folder() / point)


def withdraw() -> None:
    for file in _folder().iterdir():
        file.unlink(missing_ok=True)


def is_pending(point: str) -> bool:
    return (_folder() / point).exists()


def read(point: str) -> str:
    """What is ordered for a point, without obeying; empty for nothing."""
    try:
        return (_folder() / point).read_text().partition(" ")[0]
    except FileNotFoundError:
        return ""


def reach(point: str) -> None:
    """Obeys what is ordered for this point, if anything."""
    file = _folder() / point
    try:
        action, how = file.read_text().split()
        if how == "once":
            file.unlink()  # of several processes only the one that removes it obeys
    except FileNotFoundError:
        return
    if action == KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == HANG:
        time.sleep(3600)
    elif action == FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    else:
        raise ValueError(action)
