"""`manage.py prepare`: tables and the first administrator, and the second time nothing."""

import subprocess
import sys
from pathlib import Path

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
