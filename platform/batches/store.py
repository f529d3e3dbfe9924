"""An upload streams to disk, is hashed on the way, and stays under its SHA-256: in a local folder or in S3."""

import errno
import hashlib
import shutil
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings

from batches import local_files, names
from batches.errors import FileCorrupt, StorageFull, TooLarge

ABANDONED_SECONDS = 3600
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Received:
    """An upload in the incoming folder: whole, hashed, and gone when nobody keeps it."""

    filename: str  # cleaned, for showing
    path: Path
    sha256: str
    byte_size: int


def receive(chunks: Iterable[bytes], *, filename: str, max_bytes: int) -> Received:
    """Streams an upload to disk and hashes it on the way; nothing stays behind when it fails.

    Raises TooLarge, StorageFull, and whatever `chunks` raises.
    """
    with full_disk_told():
        settings.INCOMING.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(settings.INCOMING).free < settings.MIN_FREE_BYTES:
            raise StorageFull
        path = settings.INCOMING / f"{uuid.uuid4()}.part"
        try:
            sha256, byte_size = _write(path, chunks, max_bytes)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return Received(names.clean_filename(filename), path, sha256, byte_size)


def _write(path: Path, chunks: Iterable[bytes], max_bytes: int) -> tuple[str, int]:
    digest = hashlib.sha256()
    byte_size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            byte_size += len(chunk)
            if byte_size > max_bytes:
                raise TooLarge
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), byte_size


def discard(received: Received) -> None:
    received.path.unlink(missing_ok=True)


def keep(received: Sequence[Received]) -> None:
    """Brings uploads to their place for good: after this a power cut cannot take them.

    What is there already is replaced by the same bytes, which costs little and heals a damaged copy.
    Raises StorageFull, StorageAway.
    """
    with full_disk_told():
        _place().keep({upload.sha256: upload.path for upload in received})


def missing(hashes: Collection[str]) -> list[str]:
    """Those that are not there. Raises StorageAway."""
    return _place().missing(hashes)


def remove(hashes: Collection[str]) -> None:
    """Removes stored bytes and the thumbnails made of them; what is gone already stays gone. Raises StorageAway."""
    _place().remove(hashes)


def abandoned(prefix: str) -> Iterator[list[str]]:
    """The hashes of stored files that begin with `prefix` (2 hex digits) and have lain there for an hour, in groups:
    what a request keeps has its row long before. Raises StorageAway."""
    return _place().abandoned(prefix, before=time.time() - ABANDONED_SECONDS)


def path_of(sha256: str) -> Path:
    """Where the local folder keeps the bytes."""
    return local_files.path_of(sha256)


def read(sha256: str) -> bytes:
    """The stored bytes, checked against their hash. Raises FileMissing, FileCorrupt, StorageAway."""
    content = _place().read(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileCorrupt
    return content


def read_thumbnail(name: str) -> bytes:
    """Raises FileMissing, StorageAway."""
    return _place().read_thumbnail(name)


def keep_thumbnail(name: str, content: bytes) -> None:
    """For the next reader; it can be made again, so it is not worth waiting for a disk. Raises StorageAway, OSError."""
    _place().keep_thumbnail(name, content)


def remove_thumbnails(hashes: Collection[str]) -> None:
    """Raises StorageAway."""
    _place().remove_thumbnails(hashes)


def keep_export(name: str, draft: Path) -> None:
    """Brings a written export to its place, under a name that nobody had before. Raises StorageFull, StorageAway."""
    with full_disk_told():
        _place().keep_export(name, draft)


def open_export(name: str) -> IO[bytes]:
    """To be closed by the caller. Raises FileMissing, StorageAway."""
    return _place().open_export(name)


def remove_exports(names: Collection[str]) -> None:
    """What is gone already stays gone. Raises StorageAway."""
    _place().remove_exports(names)


def abandoned_exports(*, before: float) -> list[str]:
    """The names of exports that came to their place before this, in seconds since the epoch. Raises StorageAway."""
    return _place().abandoned_exports(before=before)


class Place(Protocol):
    """Where bytes stay: the modules local_files and s3_files."""

    def keep(self, uploads: Mapping[str, Path]) -> None: ...
    def read(self, sha256: str) -> bytes: ...
    def missing(self, hashes: Collection[str]) -> list[str]: ...
    def remove(self, hashes: Collection[str]) -> None: ...
    def abandoned(self, prefix: str, *, before: float) -> Iterator[list[str]]: ...
    def read_thumbnail(self, name: str) -> bytes: ...
    def keep_thumbnail(self, name: str, content: bytes) -> None: ...
    def remove_thumbnails(self, hashes: Collection[str]) -> None: ...
    def keep_export(self, name: str, draft: Path) -> None: ...
    def open_export(self, name: str) -> IO[bytes]: ...
    def remove_exports(self, names: Collection[str]) -> None: ...
    def abandoned_exports(self, *, before: float) -> list[str]: ...


def _place() -> Place:
    if settings.S3_BUCKET:
        from batches import s3_files  # noqa: PLC0415  (boto3 takes memory, and few need it)

        return s3_files
    return local_files


def sweep_incoming() -> int:
    """Removes uploads that nobody has kept or discarded for an hour: their process died. Returns how many."""
    removed = 0
    for path in settings.INCOMING.glob("*.part"):
        try:
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # its request ended meanwhile
    return removed


@contextmanager
def full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull from error
        raise
