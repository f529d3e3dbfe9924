"""Cross-fitted scores: one line for each image and the fold whose model scored it."""

import csv
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class ScoreRow:
    """The score of one image by one fold's model; `is_seen` where the fold trained on the image's source and class."""

    sha256: str
    source: str
    label: str
    family: str
    split: str
    fold: str
    fake_probability: float
    is_seen: bool = False


def read_scores(path: Path) -> list[ScoreRow]:
    """The rows of a scores file; raises ValueError where a column lacks or a value is none, and OSError."""
    with path.open(newline="", encoding="utf-8") as file:
        try:
            return [
                ScoreRow(
                    **{name: row[name] for name in ("sha256", "source", "label", "family", "split", "fold")},
                    fake_probability=float(row["fake_probability"]),
                    is_seen=row.get("seen") == "1",
                )
                for row in csv.DictReader(file)
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no file of cross-fitted scores: {error}.") from error


def write_scores(rows: Sequence[ScoreRow], path: Path) -> None:
    """Write what `read_scores` reads, whole or not at all."""
    columns = ["sha256", "source", "label", "family", "split", "fold", "seen", "fake_probability"]
    fresh = path.with_suffix(".new")
    with fresh.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            asdict(row) | {"seen": int(row.is_seen), "fake_probability": f"{row.fake_probability:.6g}"} for row in rows
        )
    fresh.replace(path)


def count_once(photographs: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Photographs that several folds scored, each under one fold that its hash picks: copies are no evidence."""
    by_image: defaultdict[str, list[ScoreRow]] = defaultdict(list)
    for row in photographs:
        by_image[row.sha256].append(row)
    return [
        sorted(rows, key=lambda row: row.fold)[zlib.crc32(sha256.encode()) % len(rows)]
        for sha256, rows in by_image.items()
    ]
