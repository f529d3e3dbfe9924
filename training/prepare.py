"""A folder {real,fake} becomes a manifest: each file's SHA-256, label and split.

python -m training.prepare --data DIR --out MANIFEST.csv
"""

import argparse
import csv
import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from training.recipe import Split

LABELS = ("real", "fake")


@dataclass(frozen=True)
class Example:
    """One image of a data folder; `path` is relative to it."""

    sha256: str
    label: str
    split: Split
    path: str


def list_examples(folder: Path) -> list[Example]:
    """All images of both classes in order of their hash; raises ValueError where the folder is not usable.

    The split follows from the bytes alone, so it is the same for ever, whatever is added, renamed or
    listed in another order, and copies of an image never land on both sides.
    """
    found: dict[str, Example] = {}
    for label in LABELS:
        if not (folder / label).is_dir():
            raise ValueError(f"{folder} has no folder '{label}'. Give a folder with 'real' and 'fake' in it.")
        for path in sorted((folder / label).rglob("*")):
            if not path.is_file() or path.name.startswith("."):
                continue
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            known = found.setdefault(
                sha256, Example(sha256, label, split_of(sha256), path.relative_to(folder).as_posix())
            )
            if known.label != label:
                raise ValueError(f"{known.path} and {path} are the same image under both labels. Remove one.")
    if {example.label for example in found.values()} != set(LABELS):
        raise ValueError(f"{folder} needs images in both 'real' and 'fake'.")
    return [found[sha256] for sha256 in sorted(found)]


def split_of(sha256: str) -> Split:
    """60 % train, 15 % validation, 25 % test, by where the hash lies between 0 and 1."""
    position = int(sha256[:8], 16) / 2**32
    if position < 0.60:
        return "train"
    return "validation" if position < 0.75 else "test"


def write_manifest(examples: list[Example], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Example)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(example) for example in examples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write_manifest(list_examples(arguments.data), arguments.out)


if __name__ == "__main__":
    main()
