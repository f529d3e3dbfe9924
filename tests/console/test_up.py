"""`manage.py up` as a user meets it: it starts, survives and ends, and what keeps it from starting is one sentence."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from console import preflight
from console.errors import CannotStart
from tests.system import ROOT, System, environment, free_port, running

pytestmark = pytest.mark.servers

PROCESSES = ("broker", "web", "worker", "beat")


def refuse(home: Path, port: int, **extra: str) -> str:
    """Runs `up` where it cannot start; returns its one sentence."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment(home, port, **extra),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    return ended.stderr.strip()


def health(system: System) -> object:
    with urllib.request.urlopen(f"{system.url}/health", timeout=20) as answer:
        return json.load(answer)


def test_it_starts_survives_the_death_of_each_child_and_ends_in_time(tmp_path: Path) -> None:
    with running(tmp_path / "home") as system:
        assert health(system) == {"status": "ok"}
        assert len(system.password) >= 12
        for name in PROCESSES:
            victims = system.children(name)
            for victim in victims:
                victim.kill()
                victim.wait(5)
            assert system.child(name) not in victims
        assert health(system) == {"status": "ok"}, "callers wait while the web process restarts"
        children = psutil.Process(system.process.pid).children(recursive=True)
        started = time.monotonic()
        system.process.terminate()
        assert system.process.wait(25) == 0
        assert time.monotonic() - started < 25
        _, alive = psutil.wait_procs(children, timeout=5)  # a decoder goes when it sees that its worker has gone
        assert alive == []
    with running(tmp_path / "home") as again:
        assert again.password == "", "the first password is shown once only"


def test_kill_9_of_the_supervisor_leaves_no_orphan_and_the_next_start_works(tmp_path: Path) -> None:
    with running(tmp_path / "home") as system:
        children = [system.child(name) for name in PROCESSES] + system.children("web")
        system.process.kill()
        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []
    with running(tmp_path / "home") as again:
        assert health(again) == {"status": "ok"}


def test_a_second_instance_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "home"):
        assert "already running" in refuse(tmp_path / "home", free_port())


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is in use" in refuse(tmp_path / "home", port)


def test_a_face_finder_that_is_none_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "faces.onnx").write_bytes(b"not a network")

    words = refuse(tmp_path / "home", free_port(), ASSAY_FACE_MODEL=str(tmp_path / "faces.onnx"))

    assert "ASSAY_FACE_MODEL" in words
    assert "BlazeFace" in words


def test_an_engine_that_the_bundle_does_not_have_is_named(tmp_path: Path) -> None:
    words = refuse(tmp_path / "home", free_port(), ASSAY_ENGINE="litert-int4")
    assert "litert-int4" in words
    assert "card" in words


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    words = refuse(tmp_path / "home", free_port(), ASSAY_BUNDLE=str(tmp_path / "nowhere"))
    assert str(tmp_path / "nowhere") in words


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    words = refuse(tmp_path / "home", free_port(), ASSAY_MIN_FREE_MB=str(10**9))
    assert "is full" in words


def test_a_home_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    assert "cannot be written" in refuse(tmp_path / "home", free_port())


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    assert "ASSAY_CHUNK must be a whole number" in refuse(tmp_path / "home", free_port(), ASSAY_CHUNK="many")


def test_a_port_that_there_is_not_is_named(tmp_path: Path) -> None:
    assert "ASSAY_PORT must be from 0 to 65535" in refuse(tmp_path / "home", 65_536)
    with pytest.raises(CannotStart, match="65536 is no port"):
        preflight.bind("127.0.0.1", 65_536)


def test_a_relative_folder_is_the_same_one_for_every_child(tmp_path: Path) -> None:
    script = (
        "from console.management.commands import up; "
        "print({child.environment['ASSAY_HOME'] for child in up._children(0)})"
    )

    ended = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", script],
        cwd=tmp_path,
        env=environment(Path("home"), free_port()),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout.strip() == str({str(tmp_path / "home")}), ended.stderr
