"""Folders of faces become a manifest: each image's hashes, label, source, file facts, group and split.

python -m training.prepare --data DIR --out MANIFEST.csv
"""

import argparse
import csv
import gzip
import hashlib
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import IO, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from detector import decode, evidence, quality
from detector.errors import DecodeError
from training import duplicates, layouts, sources
from training.intervals import Floats
from training.recipe import Split

LABELS = ("real", "fake")
TRAIN_SHARE = 0.60
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Example:
    """One image of a data folder; `path` is relative to it, `jpeg_quality` is 0 where the file is no JPEG.

    Images of one `group` (a person, a source video) share a split; where nothing is known it is the image alone.
    """

    sha256: str
    phash: str
    label: str
    source: str
    generator: str
    group: str
    split: Split
    width: int
    height: int
    format: str
    jpeg_quality: int
    path: str


def list_examples(folder: Path) -> list[Example]:
    """All images of every source in order of their hash; raises ValueError where the folder is not usable.

    The split follows from the group (or the bytes) alone, so it is the same for ever, whatever is added, renamed
    within its source or listed in another order; a near-duplicate of an image on a stricter side (test before
    validation before training) is left out.
    """
    found: dict[str, Example] = {}
    thumbnails: dict[str, NDArray[np.uint8]] = {}
    with ThreadPoolExecutor() as pool:
        for example, thumbnail in pool.map(lambda entry: _read(folder, entry), layouts.find(folder)):
            known = found.setdefault(example.sha256, example)
            thumbnails[example.sha256] = thumbnail
            if known.label != example.label:
                raise ValueError(f"{known.path} and {example.path} are the same image under both labels. Remove one.")
    if {example.label for example in found.values()} != set(LABELS):
        raise ValueError(f"{folder} needs images in both 'real' and 'fake'.")
    return list(_leave_out([found[sha256] for sha256 in sorted(found)], thumbnails))


def split_of(group: str) -> Split:
    """60 % train, 15 % validation, 25 % test, by the group's place."""
    place = place_of(group)
    if place < TRAIN_SHARE:
        return "train"
    return "validation" if place < TRAIN_SHARE + 0.15 else "test"


def place_of(group: str) -> float:
    """Where the hash of a group, which is a SHA-256 itself or a name, lies from 0 to 1."""
    digest = group if _SHA256.fullmatch(group) else hashlib.sha256(group.encode()).hexdigest()
    return int(digest[:8], 16) / 2**32


def weigh(examples: Sequence[Example], emphasis: Mapping[str, float]) -> Floats:
    """Each image's weight (n,) as training has it: both classes equal, a source by the root of its size."""
    members: defaultdict[tuple[str, str], int] = defaultdict(int)
    for example in examples:
        members[example.label, example.source] += 1
    shares = {(label, source): n**0.5 * emphasis.get(source, 1.0) for (label, source), n in members.items()}
    whole = {label: sum(share for key, share in shares.items() if key[0] == label) for label in ("real", "fake")}
    return np.array(
        [shares[one.label, one.source] / whole[one.label] / members[one.label, one.source] for one in examples]
    )


def take_some(examples: Sequence[Example], most: int) -> list[Example]:
    """The first of each source's class; examples lie in order of their hash, so that is a fixed fair draw."""
    seen: Counter[tuple[str, str]] = Counter()
    taken = []
    for example in examples:
        seen[example.source, example.label] += 1
        if seen[example.source, example.label] <= most:
            taken.append(example)
    return taken


def check_split(examples: Sequence[Example], split: Split) -> None:
    """Raise ValueError where a split lacks a class: nothing could be learnt from it, nor measured on it."""
    held = {example.label for example in examples if example.split == split}
    missing = " and no ".join(f"{label} image" for label in LABELS if label not in held)
    if missing:
        raise ValueError(f"The {split} split holds no {missing}: each file's hash or group decides. Add more images.")


def write_manifest(examples: list[Example], path: Path) -> None:
    """One line for each image; a path that ends in .gz is compressed, the same examples always to the same bytes."""
    with path.open("wb") as stream, _write_text(stream, path) as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Example)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(example) for example in examples)


def _write_text(stream: IO[bytes], path: Path) -> TextIO:
    # Without a name and a time in it, which gzip writes of itself.
    binary = gzip.GzipFile("", "wb", fileobj=stream, mtime=0) if path.suffix == ".gz" else stream
    return io.TextIOWrapper(cast(IO[bytes], binary), encoding="utf-8", newline="")


def open_manifest(path: Path) -> TextIO:
    """A manifest's text, plain or compressed; raises OSError."""
    return (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if path.suffix == ".gz"
        else path.open(newline="", encoding="utf-8")
    )


def read_manifest(path: Path) -> list[Example]:
    """The examples that `write_manifest` wrote; raises ValueError where it is no manifest, and OSError."""
    counts = ("width", "height", "jpeg_quality")
    with open_manifest(path) as file:
        try:
            return [Example(**row | {name: int(row[name]) for name in counts}) for row in csv.DictReader(file)]  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no manifest: {error}.") from error


def _read(folder: Path, entry: layouts.Entry) -> tuple[Example, NDArray[np.uint8]]:
    content = (folder / entry.path).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        # The decoder that serves, so that nothing is listed which could not be trained on.
        header, decoded = decode.read_header(content), decode.unpack(content)
    except DecodeError as error:
        raise ValueError(f"{entry.path} cannot be read. {error} Mend or remove it.") from error
    group = sources.name_group(entry.source, entry.group, entry.path) if entry.group else sha256
    example = Example(
        sha256=sha256,
        phash=evidence.perceptual_hash(decoded.pixels),
        label=entry.label,
        source=entry.source,
        generator=entry.generator,
        group=group,
        split=split_of(group),
        width=header.width,
        height=header.height,
        format=header.format,
        jpeg_quality=quality.estimate_jpeg_quality(decoded.luminance_table) if decoded.luminance_table else 0,
        path=entry.path,
    )
    return example, duplicates.shrink(decoded.pixels)


def _leave_out(examples: list[Example], thumbnails: Mapping[str, NDArray[np.uint8]]) -> Iterator[Example]:
    loose: tuple[Split, ...] = ("train", "validation", "test")
    stricter: dict[int, Split] = {}
    hashes = [example.phash for example in examples]
    for one, other in duplicates.find_twins(hashes, [thumbnails[example.sha256] for example in examples]):
        weaker, stronger = sorted((one, other), key=lambda place: loose.index(examples[place].split))
        if examples[weaker].split != examples[stronger].split:
            stricter[weaker] = "left out"
    for place, example in enumerate(examples):
        yield replace(example, split=stricter.get(place, example.split))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder in one of the layouts of training.layouts")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        write_manifest(list_examples(arguments.data), arguments.out)
    except (ValueError, OSError) as error:
        sys.exit(f"prepare: {error}")


if __name__ == "__main__":
    main()
