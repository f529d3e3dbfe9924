"""Judges files and folders with the detector alone: no server, no database."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import Detector, Prediction
from detector.decode import MAX_BYTES
from detector.errors import DecodeError, FileTooLarge

DECODE_THREADS = 2

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Finding:
    """One file's prediction, or why there is none: exactly one of the two is set."""

    path: Path
    prediction: Prediction | None
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

        def submit_chunk() -> list[tuple[Path, Future[Pixels | str]]]:
            return [(file, pool.submit(_prepare, file, detector)) for file in islice(remaining, detector.best_batch)]

        ahead = submit_chunk()
        while ahead:
            chunk, ahead = ahead, submit_chunk()
            yield from _judge_chunk([(file, prepared.result()) for file, prepared in chunk], detector)


def _prepare(file: Path, detector: Detector) -> Pixels | str:
    """The file's pixels, or the sentence that says why there are none."""
    try:
        if file.stat().st_size > MAX_BYTES:  # before it is read into memory
            raise FileTooLarge
        return detector.prepare(file.read_bytes())
    except DecodeError as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."


def _judge_chunk(chunk: list[tuple[Path, Pixels | str]], detector: Detector) -> Iterator[Finding]:
    pixels = [prepared for _, prepared in chunk if not isinstance(prepared, str)]
    predictions = iter(detector.analyse(np.stack(pixels)) if pixels else [])
    for file, prepared in chunk:
        if isinstance(prepared, str):
            yield Finding(file, None, prepared)
        else:
            yield Finding(file, next(predictions), None)
