"""Bytes on disk: an upload streams in, is hashed on the way, and stays under its SHA-256."""

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from batches import names
from batches.errors import FileCorrupt, FileMissing, StorageFull, TooLarge

ABANDONED_SECONDS = 3600
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

# 1,000 files of 20 KB: fsync one after the other 0.3 to 0.7 s, in 8 threads 0.1 s, in 32 no quicker (ext4, because
# the kernel joins the flushes of threads that wait together). One syncfs takes 0.04 s, but it also waits for
# whatever else is being written to that disk.
SYNC_THREADS = 8


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
    with _full_disk_told():
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
    """Moves uploads to their place for good: after this a power cut cannot take them. Raises StorageFull.

    Files are synced before they are renamed, folders after: a name never points at half a file. A file that is
    there already is replaced by the same bytes, which costs nothing and heals a damaged copy.
    """
    with _full_disk_told():
        _in_threads(_sync, [upload.path for upload in received])
        folders = {settings.FILES, settings.FILES.parent}
        for upload in received:
            path = path_of(upload.sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            upload.path.replace(path)
            folders |= {path.parent, path.parent.parent}
        _in_threads(_sync, list(folders))


def missing(hashes: Collection[str]) -> list[str]:
    """Those that have no file."""
    return [sha256 for sha256 in hashes if not path_of(sha256).exists()]


def remove(hashes: Collection[str]) -> None:
    """Removes stored files and the thumbnails made of them; what is gone already stays gone."""
    for sha256 in hashes:
        for thumbnail in (settings.THUMBNAILS / sha256[:2]).glob(f"{sha256}-*"):
            thumbnail.unlink(missing_ok=True)
        path_of(sha256).unlink(missing_ok=True)


def abandoned(prefix: str) -> Iterator[list[str]]:
    """The hashes of stored files that begin with `prefix` (2 hex digits) and have lain there for an hour, in groups:
    what a request keeps has its row long before."""
    for folder in sorted((settings.FILES / prefix).glob("??")):
        before = time.time() - ABANDONED_SECONDS
        yield [path.name for path in folder.iterdir() if path.stat().st_mtime < before]


def path_of(sha256: str) -> Path:
    folder: Path = settings.FILES / sha256[:2] / sha256[2:4]
    return folder / sha256


def read(sha256: str) -> bytes:
    """The stored bytes, checked against their hash. Raises FileMissing, FileCorrupt."""
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise FileMissing from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileCorrupt
    return content


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
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull from error
        raise


def _in_threads(act: Callable[[Path], None], paths: Sequence[Path]) -> None:
    with ThreadPoolExecutor(SYNC_THREADS) as pool:
        list(pool.map(act, paths))  # the list makes a failure in a thread ours


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
