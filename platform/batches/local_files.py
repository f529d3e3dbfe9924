"""Bytes in a folder of this machine, or of a network that offers one: synced, renamed, and synced again."""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings

from batches import disk
from batches.errors import FileMissing

# 1,000 files of 20 KB: fsync one after the other 0.3 to 0.7 s, in 8 threads 0.1 s, in 32 no quicker (ext4, because
# the kernel joins the flushes of threads that wait together). One syncfs takes 0.04 s, but it also waits for
# whatever else is being written to that disk.
SYNC_THREADS = 8


def keep(uploads: Mapping[str, Path]) -> None:
    """Files are synced before they are renamed, folders after: a name never points at half a file."""
    _in_threads(disk.sync, list(uploads.values()))
    folders = {settings.FILES, settings.FILES.parent}
    for sha256, upload in uploads.items():
        path = path_of(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        upload.replace(path)
        folders |= {path.parent, path.parent.parent}
    _in_threads(disk.sync, list(folders))


def path_of(sha256: str) -> Path:
    folder: Path = settings.FILES / sha256[:2] / sha256[2:4]
    return folder / sha256


def read(sha256: str) -> bytes:
    """Raises FileMissing."""
    return _read(path_of(sha256))


def missing(hashes: Collection[str]) -> list[str]:
    return [sha256 for sha256 in hashes if not path_of(sha256).exists()]


def remove(hashes: Collection[str]) -> None:
    for sha256 in hashes:
        path_of(sha256).unlink(missing_ok=True)
    remove_thumbnails(hashes)


def remove_thumbnails(hashes: Collection[str]) -> None:
    for sha256 in hashes:
        for thumbnail in (settings.THUMBNAILS / sha256[:2]).glob(f"{sha256}-*"):
            thumbnail.unlink(missing_ok=True)


def abandoned(prefix: str, *, before: float) -> Iterator[list[str]]:
    """A group for each folder; `before` is in seconds since the epoch."""
    for folder in sorted((settings.FILES / prefix).glob("??")):
        yield [path.name for path in folder.iterdir() if path.stat().st_mtime < before]


def read_thumbnail(name: str) -> bytes:
    """Raises FileMissing."""
    return _read(_thumbnail(name))


def keep_thumbnail(name: str, content: bytes) -> None:
    path = _thumbnail(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{uuid.uuid4().hex}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)  # so nobody reads half of it
    finally:
        draft.unlink(missing_ok=True)


def keep_export(name: str, draft: Path) -> None:
    """The draft's bytes are synced already, and it lies beside its place."""
    path = _export(name)
    draft.replace(path)
    disk.sync(path.parent)


def open_export(name: str) -> IO[bytes]:
    """Raises FileMissing."""
    try:
        return _export(name).open("rb")
    except FileNotFoundError:
        raise FileMissing from None


def remove_exports(names: Collection[str]) -> None:
    for name in names:
        _export(name).unlink(missing_ok=True)


def abandoned_exports(*, before: float) -> list[str]:
    """`before` is in seconds since the epoch."""
    folder: Path = settings.EXPORTS
    found = []
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # its writer moved it meanwhile
            if path.stat().st_mtime < before:
                found.append(path.name)
    return found


def _export(name: str) -> Path:
    folder: Path = settings.EXPORTS
    return folder / name


def _thumbnail(name: str) -> Path:
    folder: Path = settings.THUMBNAILS / name[:2]
    return folder / name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileMissing from None


def _in_threads(act: Callable[[Path], None], paths: Sequence[Path]) -> None:
    with ThreadPoolExecutor(SYNC_THREADS) as pool:
        list(pool.map(act, paths))  # the list makes a failure in a thread ours
