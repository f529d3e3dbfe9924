"""Judges files and folders with the detector alone: no server, no database."""

import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from detector import Assessment, Detector, Examined
from detector.decode import MAX_BYTES
from detector.errors import DecodeError, FileTooLarge

DECODE_THREADS = 2


@dataclass(frozen=True)
class Finding:
    """One file's assessment, or why there is none: exactly one of the two is set. A folder only ever has an error."""

    path: Path
    assessment: Assessment | None
    error: str | None


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """The files named and all files below the folders named, sorted within each folder; hidden ones are left out.

    Links to folders are followed, and each folder is taken once. Beside the files: the folders that cannot be read.
    Raises FileNotFoundError where a path does not exist.
    """
    unread: list[Finding] = []
    return [file for path in paths for file in _files_below(path, unread)], unread


def _files_below(path: Path, unread: list[Finding]) -> Iterator[Path]:
    if not _exists(path):
        raise FileNotFoundError(path)
    if not os.path.isdir(path):
        yield path
        return

    def note(error: OSError) -> None:
        unread.append(Finding(Path(error.filename or path), None, f"The folder cannot be read: {error.strerror}."))

    seen: set[str] = set()
    waiting = [str(path)]
    while waiting:
        for folder, folders, names in os.walk(waiting.pop(0), onerror=note):
            if (place := os.path.realpath(folder)) in seen:  # a link leads back, or two lead here
                folders.clear()
                continue
            seen.add(place)
            folders[:] = _visible(folders)
            # Links wait, so that a folder's files are told by its own name where it has one here.
            waiting += filter(os.path.islink, (os.path.join(folder, name) for name in folders))
            yield from (Path(folder, name) for name in _visible(names))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # in a folder that is closed to us: reading it says so
        return True


def _visible(names: Sequence[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith("."))


def judge(files: Sequence[Path], detector: Detector) -> Iterator[Finding]:
    """Findings in the order of `files`; the next files are decoded while the model works on the last ones."""
    remaining = iter(files)
    with ThreadPoolExecutor(DECODE_THREADS) as pool:

        def submit_chunk() -> list[tuple[Path, Future[Examined | str]]]:
            return [(file, pool.submit(_examine, file, detector)) for file in islice(remaining, detector.best_group)]

        ahead = submit_chunk()
        while ahead:
            chunk, ahead = ahead, submit_chunk()
            yield from _judge_chunk([(file, examined.result()) for file, examined in chunk], detector)


def _examine(file: Path, detector: Detector) -> Examined | str:
    """What is to be assessed, or the sentence that says why it cannot be."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):  # to read a pipe is to wait for its writer
            return "This is a pipe, a socket or a device, not a file. Save the image as a file and name that."
        if status.st_size > MAX_BYTES:  # before it is read into memory
            raise FileTooLarge
        return detector.examine(file.read_bytes())
    except DecodeError as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."


def _judge_chunk(chunk: list[tuple[Path, Examined | str]], detector: Detector) -> Iterator[Finding]:
    assessments = iter(detector.assess([examined for _, examined in chunk if not isinstance(examined, str)]))
    for file, examined in chunk:
        if isinstance(examined, str):
            yield Finding(file, None, examined)
        else:
            yield Finding(file, next(assessments), None)
