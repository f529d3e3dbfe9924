"""What the database alone takes among many rows; a process of its own, for the database that its settings name.

`python -m benchmarks.million measure ROWS` prints figures as JSON, `fill ROWS` makes that many finished rows.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import databases
from tests.system import ROOT, environment

CHUNK = 64
CHUNKS = 50  # of a drain or a series of claims
CALLS = 60  # of a read
BATCHES = 20
LANE = "bulk"


def measure(rows: int) -> dict[str, float]:
    """The figures of both databases, each named with its kind."""
    figures: dict[str, float] = {}
    for kind in databases.KINDS:
        with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
            home = Path(folder) / "home"
            home.mkdir()
            with databases.fresh(kind, Path(folder)) as variables:
                answer = run("measure", rows, home, variables)
        figures |= {f"{name}_{kind}": value for name, value in json.loads(answer).items()}
    return figures


def run(act: str, rows: int, home: Path, variables: dict[str, str]) -> str:
    """Runs this module on an installation that is not running; raises with its words when it fails."""
    ended = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, "-m", "benchmarks.million", act, str(rows)],
        cwd=ROOT,
        env=environment(home, 1, ASSAY_LOG_LEVEL="WARNING", **variables),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()[-1]


def main() -> None:
    sys.path.insert(0, str(ROOT / "platform"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django  # noqa: PLC0415  (only with the settings named above)

    django.setup()
    from benchmarks import million_inside  # noqa: PLC0415  (its models need the set-up)

    act = {"measure": million_inside.measure, "fill": million_inside.fill}[sys.argv[1]]
    print(json.dumps(act(int(sys.argv[2]))))


def median_ms(acts: list[Callable[[], object]], calls: int = CALLS) -> list[float]:
    """The median of each act; one after the other in turn, so that a noisy moment touches all."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(calls):
        for taken, act in zip(times, acts, strict=True):
            started = time.perf_counter()
            act()
            taken.append(1000 * (time.perf_counter() - started))
    return [statistics.median(taken) for taken in times]


if __name__ == "__main__":
    main()
