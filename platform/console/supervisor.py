"""Keeps a handful of child processes alive: starts them, restarts what dies, ends them in order, leaves no orphan."""

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 30.0  # a child that lived this long starts again from the first pause
STOP_SECONDS = 20.0  # together for all children, unless told otherwise; what is left is killed
LARGEST_LOG_BYTES = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One process to keep alive; it works in `folder`, writes to `log_file` and keeps `pass_fds` open.

    It has the supervisor's environment and user unless others are given."""

    name: str
    command: Sequence[str]
    log_file: Path
    folder: Path
    pass_fds: tuple[int, ...] = ()
    environment: Mapping[str, str] | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due: float = 0.0  # when to start it (again), on the monotonic clock

    def start(self) -> None:
        _turn_over(self.log_file)
        with self.log_file.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  (our own command lines)
                self.command,
                cwd=self.folder,
                env=self.environment,
                user=self.user,
                group=self.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=self.pass_fds,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the children in order
                preexec_fn=_die_with(os.getpid()),
            )
        self.started = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> None:
        """Sets when the dead child starts again: twice the pause each time, unless it had lived long enough."""
        now = time.monotonic()
        if now - self.started >= HEALTHY_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.due = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


@dataclass
class Supervisor:
    """Runs `children` until told to stop; they start in the order given and stop in the reverse."""

    children: list[Child]
    report: Callable[[str], None]
    stop_seconds: float = STOP_SECONDS
    _stopping: bool = field(default=False, init=False)

    def stop(self, *_: object) -> None:
        """A signal handler: asks the loop to end."""
        self._stopping = True

    def run(self) -> None:
        """Blocks until `stop`; every child has ended when it returns."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        try:
            while not self._stopping:
                for child in self.children:
                    self._tend(child)
                time.sleep(0.1)
        finally:
            self.end()

    def _tend(self, child: Child) -> None:
        if child.is_running():
            return
        if child.process is None:
            if time.monotonic() >= child.due:
                self._start(child)
            return
        code, child.process = child.process.returncode, None
        child.plan_restart()
        self.report(
            f"{child.name} ended ({_how(code)}); starting it again in {child.due - time.monotonic():.1f} s. "
            f"Its words are in {child.log_file}."
        )

    def _start(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:  # no room for a process or its log: what runs goes on meanwhile
            child.started = time.monotonic()
            child.plan_restart()
            self.report(
                f"{child.name} cannot be started ({error.strerror}: {error.filename}); trying again in "
                f"{child.due - time.monotonic():.1f} s."
            )

    def end(self) -> None:
        """Stops every child that runs, the last one first."""
        deadline = time.monotonic() + self.stop_seconds
        for child in reversed(self.children):
            child.signal(child.stop_signal)
            # The broker goes last: a worker that ends still wants to say good-bye to it.
            if child.process is not None:
                try:
                    child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.report(f"{child.name} did not end in time and was killed; its work is taken up again.")
                    child.process.kill()
                    child.process.wait()


def _die_with(parent: int) -> Callable[[], None]:
    """For a new child: the kernel kills it when the supervisor dies, however that happened (prctl(2))."""

    def ask_kernel() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the supervisor died before the line above
            os._exit(1)

    return ask_kernel


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _turn_over(log_file: Path) -> None:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > LARGEST_LOG_BYTES:
        log_file.replace(log_file.with_suffix(".log.1"))
