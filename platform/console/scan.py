"""Judges files and folders with the detector alone: no server, no database."""

import os
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
    """One file's assessment, or why there is none: exactly one of the two is set."""

    path: Path
    assessment: Assessment | None
    error: str | None


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files named and all files below the folders named, sorted within each folder; hidden ones are left out.

    Raises FileNotFoundError where a path does not exist.
    """
    return [file for path in paths for file in _files_below(path)]


def _files_below(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise FileNotFoundError(path)
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


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
        if file.stat().st_size > MAX_BYTES:  # before it is read into memory
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
