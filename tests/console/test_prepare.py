"""`manage.py prepare`: tables and the first administrator, and the second time nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from console import preflight
from tests.registry import samples
from tests.system import ROOT, environment


def prepare(home: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=environment(home, 8000, **extra),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_makes_the_administrator_with_the_given_password_once(tmp_path: Path) -> None:
    weak = prepare(tmp_path, ASSAY_ADMIN_PASSWORD="password")
    assert (weak.returncode, len(weak.stderr.strip().splitlines())) == (1, 1)
    assert "at least 12 characters" in weak.stderr

    first = prepare(tmp_path, ASSAY_ADMIN_PASSWORD="a long one with words")
    assert (first.returncode, first.stderr) == (0, "")
    assert "Created the administrator admin with the password in ASSAY_ADMIN_PASSWORD." in first.stdout
    assert "a long one" not in first.stdout

    again = prepare(tmp_path, ASSAY_ADMIN_PASSWORD="another one with words")
    assert (again.returncode, again.stdout.strip()) == (0, "The database is ready.")


def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    ended = prepare(tmp_path, DATABASE_URL=f"postgres:///assay?host={tmp_path}")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database cannot be used: ")
    assert "Traceback" not in ended.stderr


def test_a_damaged_model_is_named_before_anything_is_made(tmp_path: Path) -> None:
    shutil.copytree(settings.BUNDLE, tmp_path / "bundle")
    samples.flip_a_byte(tmp_path / "bundle" / "head.npz")

    ended = prepare(tmp_path / "home", ASSAY_BUNDLE=str(tmp_path / "bundle"))

    assert ended.returncode == 1
    assert f"The model in {tmp_path / 'bundle'} cannot be used" in ended.stderr
    assert not (tmp_path / "home" / "assay.sqlite3").exists()


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "assay.sqlite3").write_text("This is a letter and not a database.")

    ended = prepare(tmp_path)

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database cannot be used: ")
    assert "Traceback" not in ended.stderr


def test_an_administrator_whose_rights_were_taken_away_stays_so_and_stops_nothing(db: None) -> None:
    User.objects.create_user(preflight.ADMINISTRATOR)

    assert preflight.make_administrator() is None
    assert not User.objects.get().is_superuser


@pytest.mark.parametrize("command", [["sanity_check"], ["model", "list"], ["token", "admin", "--name", "batch"]])
def test_a_command_in_a_folder_without_an_installation_says_so(tmp_path: Path, command: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(tmp_path, 8000),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database cannot be used: no such table")
    assert "`manage.py prepare`" in ended.stderr
