"""A backup: database, image files and model files in a folder, with the hash of each; and the way back."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import DatabaseError, connection

from batches.models import Image
from console import dumps, preflight
from console.errors import CannotBackUp, CannotRestore

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"  # as sha256sum writes and checks it
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Backup:
    made_at: str
    database: str  # sqlite | postgresql
    images: int  # rows, when the backup was made
    files: int
    damaged: list[str] = field(default_factory=list)  # stored files whose bytes no longer have the hash of their name
    format: int = FORMAT


def make(target: Path) -> Backup:
    """Writes a backup into a new folder while the system works: all of it, or none. Raises CannotBackUp.

    First the database, then the files: a file is there before its row, so every row of the backup has its file,
    unless it was deleted in between.
    """
    if target.exists():
        raise CannotBackUp(f"{target} exists. Name a folder that does not, in one that does.")
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.mkdir(mode=0o700)
        with _all_or_nothing(draft):
            backup = _fill(draft)
            os.sync()
            draft.rename(target)
    except FileExistsError:
        raise CannotBackUp(f"{draft} is there: another backup is being made, or one died. Remove it then.") from None
    except (OSError, dumps.DumpFailed, DatabaseError) as error:
        raise CannotBackUp(_sentence(error, draft)) from error
    return backup


def restore(source: Path) -> Backup:
    """Brings a backup back into an empty installation that does not run. Raises CannotRestore, CannotStart."""
    backup, sums = _open(source)
    preflight.make_folders()
    with preflight.lock():
        _refuse_unless_empty()
        _verify(source, sums)
        try:
            with _all_or_nothing(*_trees().values()):
                for name, folder in _trees().items():
                    for path in sorted(name_of for name_of in sums if PurePosixPath(name_of).parts[0] == name):
                        _copy(source / path, folder / Path(*PurePosixPath(path).parts[1:]))
                os.sync()
                dumps.read(source / dumps.FILES[backup.database])  # last: the sign of a whole installation
        except (OSError, dumps.DumpFailed, DatabaseError) as error:
            raise CannotRestore(_sentence(error, settings.HOME)) from error
    return backup


@contextmanager
def _all_or_nothing(*folders: Path) -> Iterator[None]:
    """Removes the folders where it fails, and at Ctrl-C too."""
    try:
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _trees() -> dict[str, Path]:
    return {"files": settings.FILES, "models": settings.MODELS}


def _fill(folder: Path) -> Backup:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    database = folder / dumps.FILES[connection.vendor]
    images = Image.objects.count()
    dumps.write(database)
    sums = {database.name: _hash(database)}
    damaged = []
    for name, tree in _trees().items():
        for path in _walk(tree):
            place = f"{name}/{path.relative_to(tree).as_posix()}"
            try:
                sums[place] = _copy(path, folder / place)
            except FileNotFoundError:  # deleted since it was listed
                continue
            if name == "files" and sums[place] != path.name:
                damaged.append(path.name)
    backup = Backup(made_at, connection.vendor, images, len(sums) - 1, damaged)
    (folder / MANIFEST).write_text(json.dumps(asdict(backup), indent=1))
    sums[MANIFEST] = _hash(folder / MANIFEST)
    (folder / SUMS).write_text("".join(f"{digest}  {place}\n" for place, digest in sorted(sums.items())))
    return backup


def _walk(tree: Path) -> Iterator[Path]:
    """Whole files: what is still being written has a dot in front or `.part` behind. Raises OSError where a folder
    cannot be read: a backup without it would look like a whole one."""
    for folder, folders, names in os.walk(tree, onerror=_refuse_unless_gone, followlinks=True):
        folders[:] = filter(_is_finished, folders)
        yield from (path for name in filter(_is_finished, names) if (path := Path(folder, name)).is_file())


def _is_finished(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(".part")


def _refuse_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _open(source: Path) -> tuple[Backup, dict[str, str]]:
    try:
        described = json.loads((source / MANIFEST).read_text())
        lines = (source / SUMS).read_text().splitlines()
    except (OSError, ValueError) as error:
        raise CannotRestore(f"{source} is not a backup: {_sentence(error, source)}") from None
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise CannotRestore(f"{source} was made by another version of Assay. Restore it with that one.")
    try:
        backup = Backup(**described)
    except TypeError:
        raise CannotRestore(f"{source / MANIFEST} is damaged. Use another backup.") from None
    if backup.database != connection.vendor:
        raise CannotRestore(
            f"The backup is of a {backup.database} database and the settings name {connection.vendor}. "
            "Set DATABASE_URL to one of its kind (none for sqlite)."
        )
    return backup, {place: digest for digest, _, place in (line.partition("  ") for line in lines)}


def _refuse_unless_empty() -> None:
    filled = [str(folder) for folder in _trees().values() if folder.is_dir() and any(_walk(folder))]
    if filled or not dumps.is_empty():
        what = " and ".join([*filled, *([] if dumps.is_empty() else ["the database"])])
        raise CannotRestore(f"{what}: not empty. A restore overwrites nothing: give ASSAY_HOME an empty folder.")
    if sessions := dumps.others():
        raise CannotRestore(f"{sessions} other programs use this database. Stop web, workers and beat first.")


def _verify(source: Path, sums: dict[str, str]) -> None:
    """Everything, before anything is written."""
    for place, digest in sums.items():
        path = source / place
        if ".." in PurePosixPath(place).parts or PurePosixPath(place).is_absolute():
            raise CannotRestore(f"{SUMS} names {place!r}, outside the backup. Nothing was restored.")
        try:
            is_sound = path.is_file() and _hash(path) == digest
        except OSError as error:
            raise CannotRestore(_sentence(error, path)) from error
        if not is_sound:
            raise CannotRestore(f"{path} is missing or damaged. Nothing was restored; use another backup.")


def _copy(source: Path, target: Path) -> str:
    """Returns the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with source.open("rb") as original:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            while chunk := original.read(CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
    return digest.hexdigest()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sentence(error: Exception, folder: Path) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk of {folder} is full. Nothing was kept; make room and try again."
    if isinstance(error, OSError):
        return f"{error.filename or folder}: {error.strerror}."
    return str(error).strip()
