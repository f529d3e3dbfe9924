"""deploy/Dockerfile: hadolint finds nothing, what it copies exists, and what it starts is what compose starts."""

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.installation import services

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
TEXT = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())


def lint(file: Path) -> subprocess.CompletedProcess[str]:
    hadolint = Path(sys.executable).parent / "hadolint"
    return subprocess.run([hadolint, file], capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing(tmp_path: Path) -> None:
    found = lint(DOCKERFILE)
    assert (found.returncode, found.stdout) == (0, "")

    careless = tmp_path / "Dockerfile"
    careless.write_text("FROM debian\nRUN cd /tmp && sudo apt-get install python\n")
    assert lint(careless).returncode == 1


def test_every_file_it_copies_exists_and_is_let_through() -> None:
    ignore = (ROOT / ".dockerignore").read_text().split()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE) for word in line.split()[:-1]]
    assert {"platform", "workers", "detector", "manage.py", "models/best"} <= set(copied)
    for source in copied:
        path = source.replace("${REQUIREMENTS}", "run")
        assert (ROOT / path).exists(), path
        assert any(path == entry or path.startswith(f"{entry}/") for entry in let_in), f".dockerignore hides {path}"
    for secret in (".env", "var/secret_key", ".git/config"):
        assert not any(fnmatch.fnmatch(secret, f"{entry}*") for entry in let_in)


def test_both_requirements_are_locked_by_hashes() -> None:
    assert "--require-hashes" in TEXT
    for name in ("run", "gpu"):
        locked = (ROOT / "requirements" / f"{name}.txt").read_text()
        pins = re.findall(r"^[a-z0-9_.\[\]-]+==\S+", locked, re.MULTILINE)
        assert len(pins) > 20
        assert locked.count("--hash=sha256:") >= len(pins)
    assert re.search(r"^tensorflow", (ROOT / "requirements" / "gpu.txt").read_text(), re.MULTILINE)
    assert not re.search(r"^tensorflow", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)


def test_it_runs_as_nobody_special_and_as_compose_says() -> None:
    assert re.findall(r"^USER (.+)$", TEXT, re.MULTILINE) == [services()["web"].user] == ["10001:10001"]
    assert re.findall(r"^FROM .*python.*|^ARG PYTHON=(.+)$", TEXT, re.MULTILINE)[0].startswith("python:3.11-")


@pytest.mark.parametrize("name", ["prepare", "web", "worker", "beat"])
def test_the_programs_that_compose_starts_come_with_the_image(name: str) -> None:
    program = services()[name].command[0]
    assert program in {"python", "celery"}
    assert shutil.which(program, path=str(Path(sys.executable).parent))
