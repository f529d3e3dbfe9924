"""A bundle's files: copied out of a folder or a ZIP, held against their card, and moved to their place for good."""

import errno
import json
import os
import re
import shutil
import stat
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from batches import archives, disk
from batches.errors import ArchiveError
from detector import bundle
from detector.bundle import CARD, Bundle
from detector.card import Card, FileCard
from detector.errors import BundleError
from registry.errors import BundleRefused, EngineMissing

SUFFIXES = {".json", ".npz", ".h5", ".tflite"}  # plain numbers: nothing in these is run when it is opened
MAX_FILES = 16
MAX_CARD_BYTES = 1024**2
CHUNK_BYTES = 1024**2
ABANDONED_SECONDS = 3600
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")  # of a file or a version; both become part of a path


@dataclass(frozen=True)
class Staged:
    """A bundle that is whole and true to its card, in a folder that is gone unless it is kept."""

    folder: Path
    card: Card


def folder_of(version: str) -> Path:
    models: Path = settings.MODELS
    return models / version


def find(version: str) -> Bundle | None:
    """The bundle of a version that judged once; None where it is no longer here, or damaged."""
    try:
        return bundle.load(folder_of(version))
    except BundleError:
        return None


def files_of(card: Card) -> dict[str, str]:
    """File name -> SHA-256, of every file the card names."""
    alone = [entry for entry in vars(card).values() if isinstance(entry, FileCard)]
    return {entry.file: entry.sha256 for entry in (*alone, *card.engines.values())}


@contextmanager
def stage(source: Path) -> Iterator[Staged]:
    """Copies a bundle beside the others and checks each byte of it; nothing of it is opened as a model.

    Raises BundleRefused.
    """
    _sweep()
    folder = settings.MODELS / f".{uuid.uuid4().hex}.part"
    folder.mkdir(parents=True)
    try:
        if source.is_dir():
            _copy_folder(source, folder)
        elif source.is_file():
            _copy_archive(source, folder)
        elif source.exists():  # to read a pipe is to wait for its writer
            raise BundleRefused(f"{source} is neither a folder nor a file.")
        else:
            raise BundleRefused(f"{source} does not exist.")
        yield Staged(folder, _check_copy(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(staged: Staged) -> None:
    """Moves a staged bundle to its place: after this a power cut cannot take it, and nobody ever sees half of it."""
    files = (*files_of(staged.card), CARD)
    for name in files:
        disk.sync(staged.folder / name)
    target = folder_of(staged.card.version)
    try:
        staged.folder.rename(target)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        # It is here already. Moving its files in one by one heals a damaged copy and renews the card's figures,
        # under processes that have it open.
        for name in files:
            (staged.folder / name).replace(target / name)
    disk.sync(target)
    disk.sync(target.parent)


def is_kept(card: Card) -> bool:
    """Whether this very bundle lies in its place, undamaged."""
    try:
        opened = bundle.load(folder_of(card.version))
        return opened.card == card and all(opened.verify(entry) for entry in _entries(card))
    except BundleError:
        return False


def check(version: str) -> None:
    """Makes sure that a version in its place can be opened here. Raises BundleError, EngineMissing."""
    opened = bundle.load(folder_of(version))
    if settings.ENGINE not in opened.card.engines:
        raise EngineMissing
    for entry in _entries(opened.card):
        opened.verify(entry)


def _entries(card: Card) -> Iterator[FileCard]:
    return (FileCard(name, sha256) for name, sha256 in files_of(card).items())


def _sweep() -> None:
    """Removes what an import left that died half-way."""
    for folder in settings.MODELS.glob(".*.part"):
        with suppress(FileNotFoundError):  # its import ended meanwhile
            if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _copy_folder(source: Path, target: Path) -> None:
    room = settings.MAX_BUNDLE_BYTES
    with os.scandir(source) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    _check_names([entry.name for entry in found])
    for entry in found:
        if not entry.is_file(follow_symlinks=False):
            raise BundleRefused(f"{entry.name} is not a plain file.")
        with Path(entry.path).open("rb") as file:
            room -= _copy(file, target / entry.name, room)


def _copy_archive(source: Path, target: Path) -> None:
    room = settings.MAX_BUNDLE_BYTES
    try:
        archives.check_directory_length(source)
        with zipfile.ZipFile(source) as archive:
            records = archive.infolist()
            _check_names([record.orig_filename for record in records])
            for record in records:
                if stat.S_IFMT(record.external_attr >> 16) not in (0, stat.S_IFREG) or record.flag_bits & 0x1:
                    raise BundleRefused(f"{record.filename} is not a plain file.")
                if record.compress_type not in archives.METHODS:
                    raise BundleRefused(f"{record.filename} is packed in an unusual way: store it or deflate it.")
                with archive.open(record) as file:
                    room -= _copy(file, target / record.filename, room)
    except (ArchiveError, *archives.DAMAGE) as error:
        raise BundleRefused("This is neither a folder nor a ZIP file that can be read.") from error


def _check_names(names: list[str]) -> None:
    if len(names) > MAX_FILES or len(set(names)) < len(names):
        raise BundleRefused(f"A bundle holds up to {MAX_FILES} files, each once.")
    for name in names:
        if not NAME.fullmatch(name) or Path(name).suffix not in SUFFIXES:
            raise BundleRefused(f"{name[:100]!r} does not belong into a bundle: put its files at the top, alone.")


def _copy(source: IO[bytes], target: Path, room: int) -> int:
    room = min(room, MAX_CARD_BYTES) if target.name == CARD else room
    copied = 0
    with target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            copied += len(chunk)
            if copied > room:
                raise BundleRefused("It is larger than a bundle may be.")
            file.write(chunk)
    return copied


def _check_copy(folder: Path) -> Card:
    try:
        opened = bundle.load(folder)
        for entry in _entries(opened.card):
            opened.verify(entry)
        _check_text(opened.card)
    except (BundleError, ValueError, OverflowError, RecursionError) as error:
        raise BundleRefused(str(error)) from error
    foreign = {path.name for path in folder.iterdir()} - {CARD, *files_of(opened.card)}
    if foreign:
        raise BundleRefused(f"{min(foreign)} is not on the card.")
    if not NAME.fullmatch(opened.card.version):
        raise BundleRefused("Its version cannot be the name of a folder.")
    return opened.card


def _check_text(card: Card) -> None:
    """That a database takes it as JSON: raises ValueError at NaN, half a surrogate pair or a NUL."""
    text = json.dumps(asdict(card), ensure_ascii=False, allow_nan=False)
    text.encode()
    if r"\u0000" in text:
        raise ValueError(f"{CARD} holds a NUL")
