"""The supervisor over small shell children: restarts with growing pauses, ends in order, kills what will not end."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console import supervisor
from console.supervisor import Child
from tests.conftest import ROOT


def child_of(folder: Path, name: str, script: str) -> Child:
    return Child(name, ("sh", "-c", script), folder / f"{name}.log", folder)


@pytest.fixture
def supervising(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A supervisor in a process of its own over two children that sleep."""
    code = f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT / "platform")!r})
        from console.supervisor import Child, Supervisor
        folder = Path({str(tmp_path)!r})
        children = [Child(name, ("sleep", "600"), folder / name, folder) for name in ("first", "second")]
        Supervisor(children, report=lambda words: print(words, flush=True)).run()
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def sleepers(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [child for child in psutil.Process(process.pid).children() if child.name() == "sleep"]
        if len(found) == count:
            return found
        time.sleep(0.02)
    raise TimeoutError


def test_a_child_that_dies_is_started_again(supervising: subprocess.Popen[str]) -> None:
    first, _ = sleepers(supervising, 2)
    first.kill()
    first.wait(5)
    assert first not in sleepers(supervising, 2)


def test_sigterm_ends_every_child(supervising: subprocess.Popen[str]) -> None:
    children = sleepers(supervising, 2)
    supervising.terminate()
    assert supervising.wait(10) == 0
    assert not any(child.is_running() for child in children)


def test_kill_9_of_the_supervisor_leaves_no_orphan(supervising: subprocess.Popen[str]) -> None:
    children = sleepers(supervising, 2)
    supervising.kill()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert (len(gone), alive) == (2, [])


def test_pauses_double_up_to_a_limit_and_begin_anew_after_a_long_life(tmp_path: Path) -> None:
    child = child_of(tmp_path, "short", "exit 3")
    pauses = []
    for _ in range(9):
        child.started = time.monotonic()
        pauses.append(child.pause)
        child.plan_restart()
    assert pauses == [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 30.0, 30.0]
    child.started = time.monotonic() - supervisor.HEALTHY_SECONDS
    child.plan_restart()
    assert child.due - time.monotonic() <= supervisor.FIRST_PAUSE_SECONDS


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this is pytest's process
    stubborn = child_of(tmp_path, "stubborn", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
    said: list[str] = []
    watch = supervisor.Supervisor([stubborn], report=said.append)
    stubborn.start()
    while "ready" not in stubborn.log_file.read_text():
        time.sleep(0.01)
    watch.stop()
    watch.run()
    assert not stubborn.is_running()
    assert "stubborn did not end in time" in said[0]


def test_a_large_log_is_turned_over_at_the_start(tmp_path: Path) -> None:
    child = child_of(tmp_path, "chatty", "true")
    child.log_file.write_bytes(b"x" * (supervisor.LARGEST_LOG_BYTES + 1))
    child.start()
    assert child.process is not None
    child.process.wait()
    assert child.log_file.stat().st_size == 0
    assert (tmp_path / "chatty.log.1").exists()


def test_a_child_that_cannot_be_started_is_tried_again_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this is pytest's process
    missing = Child("missing", (str(tmp_path / "later"),), tmp_path / "missing.log", tmp_path)
    said: list[str] = []
    watch = supervisor.Supervisor([missing], report=said.append)

    def report(words: str) -> None:
        said.append(words)
        (tmp_path / "later").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (tmp_path / "later").chmod(0o755)
        if "ended" in words:
            watch.stop()

    watch.report = report
    watch.run()

    assert said[0].startswith("missing cannot be started (No such file or directory")
    assert (tmp_path / "ran").exists()
