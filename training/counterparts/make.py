"""Counterparts on disk: which photographs get one, of which view, and the manifest that lists them.

OUT/METHOD/*.png are the counterparts; OUT/METHOD/manifest.csv lists each with its method, its parent's SHA-256, source
and split, and the view of the parent that it remakes. Counterparts are made of training and validation photographs
alone, and belong to their parent's split. What is there already is kept.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector import decode, preprocess
from detector.preprocess import InputSpec
from training import prepare
from training.counterparts.views import View, draw_view
from training.prepare import Example
from training.recipe import Split

Pixels = NDArray[np.uint8]
Remake = Callable[[list[Pixels], np.random.Generator], list[Pixels]]  # views of one shape to their counterparts

SPEC = InputSpec(size=256)
_GROUP = 8  # views that are remade at once


@dataclass(frozen=True)
class Counterpart:
    """One line of a manifest; `path` is relative to it."""

    path: str
    method: str
    parent: str
    source: str
    split: Split
    side: int
    top: int
    left: int

    @property
    def view(self) -> View:
        return View(self.side, self.top, self.left)


def plan(examples: Sequence[Example], method: str, per_source: int) -> list[Counterpart]:
    """At most so many training photographs of every source and a quarter as many to validate, each with its own view.

    The plan follows from the files' hashes alone, so it is the same whenever it is made.
    """
    photographs = [one for one in examples if one.label == "real"]
    chosen = [
        one
        for split, most in (("train", per_source), ("validation", per_source // 4))
        for one in prepare.take_some([photo for photo in photographs if photo.split == split], most)
    ]
    planned = []
    for example in chosen:
        seed = int(hashlib.sha256(f"{method} {example.sha256}".encode()).hexdigest()[:8], 16)
        view = draw_view(np.random.default_rng(seed))
        planned.append(
            Counterpart(f"{example.sha256}.png", method, example.sha256, example.source, example.split, **asdict(view))
        )
    return planned


def make(folder: Path, out: Path, method: str, remake: Remake, per_source: int) -> int:
    """Make what the plan lacks, and list what stands; returns how many there are.

    Raises ValueError where the folder is not usable.
    """
    examples = prepare.list_examples(folder)
    by_hash = {example.sha256: example for example in examples}
    planned = plan(examples, method, per_source)
    target = out / method
    target.mkdir(parents=True, exist_ok=True)
    missing = [one for one in planned if not (target / one.path).is_file()]
    try:
        with tqdm(total=len(missing), desc=method, unit="image") as bar:
            for group in _group(missing):
                views = [one.view.cut(load_photograph(folder, by_hash[one.parent])) for one in group]
                rng = np.random.default_rng(int(group[0].parent[:8], 16))
                for one, image in zip(group, remake(views, rng), strict=True):
                    _write(target / one.path, image)
                bar.update(len(group))
    finally:  # an interrupted run lists what it has made
        standing = [one for one in planned if (target / one.path).is_file()]
        write_manifest(target, standing)
    return len(standing)


def load_photograph(folder: Path, example: Example) -> Pixels:
    """A photograph whole, at the size that the model sees, uint8 (256, 256, 3)."""
    return preprocess.fit(decode.decode((folder / example.path).read_bytes()), SPEC)


def read_image(path: Path) -> Pixels:
    """A counterpart's pixels, uint8 (n, n, 3) RGB; raises OSError where it is missing."""
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(
            f"The counterpart {path} is missing or damaged. Make it again: delete it and run the same command."
        )
    return np.ascontiguousarray(image[:, :, ::-1], dtype=np.uint8)


def read_manifest(folder: Path) -> list[Counterpart]:
    """The counterparts that a method's folder lists."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [
            Counterpart(**{**row, **{name: int(row[name]) for name in ("side", "top", "left")}})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def write_manifest(folder: Path, counterparts: Sequence[Counterpart]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Counterpart)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(one) for one in counterparts)


def _group(counterparts: Sequence[Counterpart]) -> Iterator[list[Counterpart]]:
    """Groups of views of one shape."""
    ordered = sorted(counterparts, key=lambda one: (one.side - max(one.top, one.left)) // 8, reverse=True)
    start = 0
    while start < len(ordered):
        shape = (ordered[start].side - max(ordered[start].top, ordered[start].left)) // 8
        end = start
        while (
            end < min(start + _GROUP, len(ordered))
            and shape == (ordered[end].side - max(ordered[end].top, ordered[end].left)) // 8
        ):
            end += 1
        yield ordered[start:end]
        start = end


def _write(path: Path, image: Pixels) -> None:
    partial = path.with_suffix(".part.png")
    cv2.imwrite(str(partial), image[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    partial.replace(path)
