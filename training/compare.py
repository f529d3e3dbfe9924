"""Two runs on the same images: is one better than luck explains? McNemar's exact test.

python -m training.compare RUN_A RUN_B [--engine litert-int8]
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from training import intervals, scoring
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


def compare(run_a: Path, run_b: Path, engine_a: str = scoring.SERVES, engine_b: str = scoring.SERVES) -> Comparison:
    """Compare two run folders' predictions.csv; raises ValueError where they have no image in common.

    Where both are right or both are wrong an image says nothing; of the rest, luck gives either half (McNemar 1947,
    Psychometrika 12, 153-157; exact, without the chi-square's approximation).
    """
    a, b = _read(run_a, engine_a), _read(run_b, engine_b)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run_a", type=Path, metavar="RUN_A")
    parser.add_argument("run_b", type=Path, metavar="RUN_B")
    parser.add_argument("--engine", default=scoring.SERVES, help="of run A, and of run B unless that is given")
    parser.add_argument("--engine-b")
    arguments = parser.parse_args()
    try:
        found = compare(arguments.run_a, arguments.run_b, arguments.engine, arguments.engine_b or arguments.engine)
    except (ValueError, OSError) as error:
        sys.exit(f"compare: {error}")
    for name, accuracy in (("A", found.accuracy_a), ("B", found.accuracy_b)):
        print(f"{name}: {100 * accuracy.value:.1f} % ({100 * accuracy.low:.1f}-{100 * accuracy.high:.1f})")
    print(f"n {found.n}, right only in A {found.only_a}, only in B {found.only_b}, p {found.p:.2g}")


if __name__ == "__main__":
    main()
