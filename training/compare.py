"""Runs on the same images: is one better than another by more than luck explains? McNemar's exact test.

python -m training.compare BASE RUN [RUN ...] [--engine litert-int8] [--out FILE]
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scipy.stats import binomtest

from training import intervals, scoring, tables
from training.intervals import Figure


@dataclass(frozen=True)
class Comparison:
    """Both runs on the images they share; `only_a` is right in A and wrong in B. `p` is two-sided."""

    n: int
    accuracy_a: Figure
    accuracy_b: Figure
    only_a: int
    only_b: int
    p: float


def compare(run_a: Path, run_b: Path, engine: str = scoring.SERVES) -> Comparison:
    """Compare two run folders' predictions.csv; raises ValueError where they have no image in common.

    Where both are right or both are wrong an image says nothing; of the rest, luck gives either half (McNemar 1947,
    Psychometrika 12, 153-157; exact, without the chi-square's approximation).
    """
    a, b = _read(run_a, engine), _read(run_b, engine)
    shared = sorted(a.keys() & b.keys())
    if not shared:
        raise ValueError(f"{run_a} and {run_b} have no image in common. Evaluate both on the same split.")
    only_a, only_b = sum(a[key] and not b[key] for key in shared), sum(b[key] and not a[key] for key in shared)
    return Comparison(
        n=len(shared),
        accuracy_a=intervals.share(sum(a[key] for key in shared), len(shared)),
        accuracy_b=intervals.share(sum(b[key] for key in shared), len(shared)),
        only_a=only_a,
        only_b=only_b,
        p=float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0,
    )


def _read(run: Path, engine: str) -> dict[str, bool]:
    """Whether each image's result is right, by SHA-256."""
    with (run / "predictions.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["engine"] == engine]
    if not rows:
        raise ValueError(f"{run} has no predictions of {engine}.")
    return {row["sha256"]: row["result"].lower() == row["label"] for row in rows}


def render(base: Path, runs: Sequence[Path], engine: str = scoring.SERVES) -> str:
    """A line of Markdown for each run beside the base; raises as `compare`, ValueError where the runs do not share
    equally many images with the base, and OSError."""
    found = [compare(base, run, engine) for run in runs]
    if len({one.n for one in found}) > 1:
        raise ValueError(f"The runs share different images with {base}. Evaluate all on the same split.")
    lines = [
        f"| recipe | starts from | accuracy on the same {found[0].n} images | right only there "
        f"| right only in {_describe(base)[0]} | p |",
        "|---|---|---|---|---|---|",
        f"| {' | '.join(_describe(base))} | {tables.tell(asdict(found[0].accuracy_a))} | – | – | – |",
    ]
    for run, one in zip(runs, found, strict=True):
        lines.append(
            f"| {' | '.join(_describe(run))} | {tables.tell(asdict(one.accuracy_b))} "
            f"| {one.only_b} | {one.only_a} | {one.p:.2g} |"
        )
    return "\n".join(lines)


def _describe(run: Path) -> tuple[str, str]:
    """Its recipe, and what its training started from."""
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    name = config["weights"]
    if config.get("teacher"):
        start = "its teacher"
    else:
        start = "random weights" if name is None else "a trained bundle" if name.endswith(".weights.h5") else "ImageNet"
    return config["recipe"]["name"], start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, metavar="BASE")
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--engine", default=scoring.SERVES)
    parser.add_argument("--out", type=Path, help="also write the table here")
    arguments = parser.parse_args()
    try:
        table = render(arguments.base, arguments.runs, arguments.engine)
    except (ValueError, OSError) as error:
        sys.exit(f"compare: {error}")
    if arguments.out:
        arguments.out.write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
