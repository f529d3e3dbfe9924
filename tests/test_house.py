"""The house rules: who may import whom, `platform` stays a folder, and no TensorFlow where LiteRT does the work."""

import ast
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("detector", "training", "config", "accounts", "batches", "registry", "status", "api", "console", "workers")
MAY_IMPORT = {
    "detector": set(),
    "training": {"detector"},
    "config": set(),
    "accounts": {"config"},
    "batches": {"config"},
    "registry": {"batches", "detector"},
    "status": {"config", "batches", "registry"},
    "api": {"config", "accounts", "batches", "registry", "status", "detector"},
    "console": {"accounts", "batches", "registry", "detector"},
    "workers": {"config", "batches", "registry", "status", "detector"},
}


def folder_of(room: str) -> Path:
    top_level = ROOT / room
    return top_level if top_level.is_dir() else ROOT / "platform" / room


def imported_rooms(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        else:
            continue
        yield from ((node.lineno, room) for name in names if (room := name.partition(".")[0]) in ROOMS)


def trespasses(room: str, source: str) -> list[tuple[int, str]]:
    allowed = MAY_IMPORT[room] | {room}
    return [(line, other) for line, other in imported_rooms(source) if other not in allowed]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    files = [file for file in folder_of(room).rglob("*.py") if "migrations" not in file.parts]
    assert files, f"{room} has no modules"
    found = {str(file.relative_to(ROOT)): hits for file in files if (hits := trespasses(room, file.read_text()))}
    assert not found


def test_a_forbidden_import_is_seen_wherever_it_stands() -> None:
    assert trespasses("detector", "def f():\n    from batches import claims\n") == [(2, "batches")]
    assert trespasses("workers", "import api.views") == [(1, "api")]
    assert trespasses("api", "from batches.models import Batch") == []


def test_every_room_is_listed() -> None:
    platform_rooms = {file.parent.name for file in (ROOT / "platform").glob("*/__init__.py")}
    assert platform_rooms <= set(ROOMS)


def test_platform_is_a_folder_and_the_standard_module_stays_reachable() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not list((ROOT / "platform").glob("*.py"))
    assert platform.python_implementation() == "CPython"


@pytest.mark.parametrize(
    "process",
    [
        "import os, sys; sys.path[:0] = ['.', 'platform']; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; "
        "import config.wsgi, api.views, api.predict",
        "import django, workers.app; django.setup(); import workers.tasks, workers.pipeline",
    ],
    ids=["web", "worker"],
)
def test_no_tensorflow_in_web_or_worker(process: str) -> None:
    look = "; import sys; sys.exit(' '.join({'tensorflow', 'keras'} & sys.modules.keys()) or 0)"
    ended = subprocess.run(
        [sys.executable, "-c", process + look], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "check"],
        [sys.executable, "-m", "celery", "-A", "workers.app", "report"],
        [sys.executable, "-c", "import platform, workers, config.env; platform.python_version()"],
    ],
    ids=["manage.py", "celery", "bare"],
)
def test_it_starts_from_a_bare_checkout(command: list[str]) -> None:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_make_help_lists_every_target() -> None:
    command = ["make", "--no-print-directory", "help"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[1] for line in ended.stdout.splitlines()}
    targets = (ROOT / "Makefile").read_text().rpartition(".PHONY: ")[2].split()
    assert listed == set(targets)
