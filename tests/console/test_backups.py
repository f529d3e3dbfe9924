"""A backup is taken while others write, says the hash of every file, and comes back whole or not at all."""

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from batches import claims, results, store
from batches.models import Analysis, Image
from console import backups, dumps
from console.errors import CannotBackUp, CannotRestore
from tests.batches.conftest import Send, owner, scored, send
from tests.batches.test_intake import HOLD_LOCK
from tests.conftest import ROOT

__all__ = ["owner", "send"]  # fixtures


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.FILES, settings.INCOMING = tmp_path / "files", tmp_path / "incoming"


@pytest.fixture
def elsewhere(tmp_path: Path, transactional_db: None) -> Iterator[dict[str, str]]:
    """The environment of another, empty installation with a database of the same kind."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DJANGO_"))}
    environment |= {"ASSAY_HOME": str(tmp_path / "elsewhere"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    if connection.vendor == "sqlite":
        yield environment
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS assay_elsewhere")
        cursor.execute("CREATE DATABASE assay_elsewhere")
    url = os.environ["DATABASE_URL"]
    yield environment | {"DATABASE_URL": url.replace("/postgres?", "/assay_elsewhere?")}
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE assay_elsewhere WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


COUNT = (
    "from batches.models import *; "
    "print(Image.objects.count(), Analysis.objects.filter(state='done').count(), Batch.objects.get().fake)"
)


def test_what_was_backed_up_comes_back_whole(send: Send, tmp_path: Path, elsewhere: dict[str, str]) -> None:
    send(5)
    claim = claims.take("interactive", 2, owner="w1")
    results.record(claim, list(scored(claim)))
    backup = backups.make(tmp_path / "backup")
    send(3)  # after it: not in it

    assert (backup.images, backup.damaged) == (5, [])
    code, words = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert code == 0, words
    assert "5 images" in words
    assert manage(elsewhere, "shell", "-v", "0", "-c", COUNT) == (0, "5 2 2\n")
    code, words = manage(elsewhere, "sanity_check", "--hash")
    assert code == 0, words


def test_a_restore_overwrites_nothing(send: Send, tmp_path: Path, elsewhere: dict[str, str]) -> None:
    send(1)
    backups.make(tmp_path / "backup")
    assert manage(elsewhere, "restore", str(tmp_path / "backup"))[0] == 0

    code, words = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert code == 1
    assert "not empty" in words
    assert manage(
        elsewhere, "shell", "-v", "0", "-c", "from batches.models import *; print(Image.objects.count())"
    ) == (
        0,
        "1\n",
    )


def test_a_damaged_backup_restores_nothing(send: Send, tmp_path: Path, elsewhere: dict[str, str]) -> None:
    send(2)
    backups.make(tmp_path / "backup")
    victim = next(path for path in (tmp_path / "backup" / "files").rglob("*") if path.is_file())
    victim.write_bytes(b"rotten")

    code, words = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert code == 1
    assert f"{victim} is missing or damaged" in words
    assert not list((tmp_path / "elsewhere" / "files").rglob("*"))


def test_a_file_that_cannot_be_read_restores_nothing(send: Send, tmp_path: Path, elsewhere: dict[str, str]) -> None:
    send(1)
    backups.make(tmp_path / "backup")
    victim = next(path for path in (tmp_path / "backup" / "files").rglob("*") if path.is_file())
    victim.unlink()
    victim.symlink_to("/proc/self/mem")  # reads of it fail with EIO

    assert manage(elsewhere, "restore", str(tmp_path / "backup")) == (
        1,
        f"Nothing was restored. {victim}: Input/output error.\n",
    )


@pytest.mark.sqlite_only
def test_a_running_system_is_not_restored_over(send: Send, tmp_path: Path, elsewhere: dict[str, str]) -> None:
    send(1)
    backups.make(tmp_path / "backup")
    run = tmp_path / "elsewhere" / "run"
    run.mkdir(parents=True)
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(run / "up.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()

        code, words = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert code == 1
    assert "already running" in words


def test_the_sums_are_those_of_sha256sum(send: Send, tmp_path: Path) -> None:
    send(3)
    backups.make(tmp_path / "backup")

    ended = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "backup", capture_output=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    listed = {line.split("  ")[1] for line in (tmp_path / "backup" / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(tmp_path / "backup")) for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}
    sha256 = hashlib.sha256(b"0-0").hexdigest()
    assert f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}" in listed


@pytest.mark.sqlite_only
def test_it_is_taken_while_somebody_writes(send: Send, tmp_path: Path) -> None:
    send(2)
    command = [sys.executable, "-c", HOLD_LOCK, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()

        assert backups.make(tmp_path / "backup").images == 2


def test_a_file_that_rotted_where_it_is_stored_is_told(send: Send, tmp_path: Path) -> None:
    send(2)
    sha256 = Analysis.objects.earliest("ordinal").image_id
    store.path_of(sha256).write_bytes(b"rotten")

    assert backups.make(tmp_path / "backup").damaged == [sha256]


def test_a_folder_that_is_there_is_left_alone(db: None, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()

    with pytest.raises(CannotBackUp, match="exists"):
        backups.make(tmp_path / "backup")


def test_what_fails_half_way_leaves_nothing(send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(1)
    victim = store.path_of(Image.objects.get().sha256)
    victim.unlink()
    victim.symlink_to("/proc/self/mem")  # reads of it fail with EIO

    with pytest.raises(CannotBackUp):
        backups.make(tmp_path / "backup")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "incoming"]


def test_ctrl_c_leaves_nothing_either(send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(1)

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        backups.make(tmp_path / "backup")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "incoming"]


def test_a_folder_that_may_not_be_read_is_no_backup(
    send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(1)
    closed = store.path_of(Image.objects.get().sha256).parent
    scan = os.scandir

    def refuse(folder: str | int) -> Iterator[os.DirEntry[str]]:  # root, who runs some tests, may read anything
        if str(folder) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CannotBackUp, match=f"{closed}: Permission denied"):
        backups.make(tmp_path / "backup")


def test_files_behind_a_linked_folder_are_in_it(send: Send, tmp_path: Path) -> None:
    send(1)
    sha256 = Image.objects.get().sha256
    folder = store.path_of(sha256).parent
    folder.rename(tmp_path / "another disk")
    folder.symlink_to(tmp_path / "another disk")

    backups.make(tmp_path / "backup")

    assert (tmp_path / "backup" / "files" / sha256[:2] / sha256[2:4] / sha256).is_file()


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").touch()
    (tmp_path / "manifest.json").write_text(
        '{"format": 1, "made_at": "now", "database": "postgresql", "images": 0, "files": 0}'
    )
    environment = os.environ | {
        "ASSAY_HOME": str(tmp_path / "elsewhere"),
        "DATABASE_URL": f"postgres:///assay?host={tmp_path}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    code, words = manage(environment, "restore", str(tmp_path))

    assert code == 1
    assert words.startswith("The database cannot be used: ")
    assert "Traceback" not in words


@pytest.mark.postgres_only
def test_what_the_address_of_the_database_asks_for_goes_for_the_tools_too(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = connection.settings_dict["OPTIONS"] | {"channel_binding": "require"}  # of which a socket has none
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    with pytest.raises(dumps.DumpFailed, match="channel binding"):
        dumps.write(tmp_path / "database.dump")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("manifest.json", "{", "is not a backup"),
        ("manifest.json", '{"format": 1}', "manifest.json is damaged"),
        ("manifest.json", '{"format": 99}', "another version"),
        ("SHA256SUMS", f"{'0' * 64}  ../../outside\n", "outside the backup"),
    ],
)
def test_what_is_no_backup_is_refused(
    send: Send,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    sentence: str,
) -> None:
    send(1)
    backups.make(tmp_path / "backup")
    (tmp_path / "backup" / name).write_text(content)
    settings.FILES, settings.MODELS = tmp_path / "none", tmp_path / "none"

    monkeypatch.setattr(dumps, "is_empty", lambda: True)  # the test's own database stands in for an empty one
    monkeypatch.setattr(dumps, "others", lambda: 0)
    with pytest.raises(CannotRestore, match=sentence):
        backups.restore(tmp_path / "backup")


@pytest.mark.parametrize("tool", ["pg_dump", "pg_restore"])
def test_tools_that_are_missing_are_named(db: None, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        assert dumps.others() == 0  # SQLite needs no tools
        return
    monkeypatch.setattr(dumps, "_candidates", lambda _: [])

    with pytest.raises(dumps.DumpFailed, match=f"{tool} of PostgreSQL .* was not found"):
        dumps._find(tool)
