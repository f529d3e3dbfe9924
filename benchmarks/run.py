"""`make bench`: every figure in one run on the same images, a table on the screen and benchmarks/results.json.

Each round starts both servers afresh and measures everything side by side; what is published are medians over the
rounds, so that a noisy moment of the machine touches both sides of a ratio or neither.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bulk, load, table
from detector import Detector
from tests.system import ROOT, free_port, running, wait_until_healthy

IMAGES = 1000
CLIENTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each /predict measurement")
    given = parser.parse_args()
    images = read_images()
    rounds = []
    for number in range(given.rounds):
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
        rounds.append(measure_round(images, given.seconds))
    results = table.summarise(rounds, images=IMAGES)
    table.RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(table.text(results))


def read_images() -> list[bytes]:
    """1,000 different faces of the development data, in an order that mixes the classes."""
    faces = Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data")) / "faces" / "ffhq-stylegan"
    files = sorted(faces.glob("*/*.jpg"), key=lambda file: hashlib.sha256(file.name.encode()).digest())
    if len(files) < IMAGES:
        sys.exit(f"The benchmark needs {IMAGES} images in {faces}; set ASSAY_DATA.")
    return [file.read_bytes() for file in files[:IMAGES]]


def measure_round(images: Sequence[bytes], seconds: float) -> dict[str, float]:
    figures = {"ceiling": measure_ceiling(images)}
    with paper_server() as port:
        for clients in (1, CLIENTS):
            load.predict(port, images, clients=clients, seconds=1.0)  # warm
            measured = load.predict(port, images, clients=clients, seconds=seconds)
            figures |= {
                f"paper_{clients}": measured.requests_per_second,
                f"paper_{clients}_wait": measured.median_wait_ms,
            }
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        home = Path(folder) / "home"
        with running(home) as system:
            figures["first_start"] = system.healthy_seconds
            for clients in (1, CLIENTS):
                load.predict(system.port, images, clients=clients, seconds=1.0)
                measured = load.predict(system.port, images, clients=clients, seconds=seconds)
                figures |= {
                    f"predict_{clients}": measured.requests_per_second,
                    f"predict_{clients}_wait": measured.median_wait_ms,
                }
        with running(home) as system:
            figures["second_start"] = system.healthy_seconds
            figures |= bulk.measure(system, images)
    return figures


def measure_ceiling(images: Sequence[bytes]) -> float:
    """Images per second of the detector alone in this process: no server, no database, no queue."""
    detector = Detector.open(ROOT / "models" / "best", engine="litert-int8", threads=os.cpu_count() or 1)
    step = detector.best_group

    def judge(some: Sequence[bytes]) -> None:
        for first in range(0, len(some), step):
            detector.assess([detector.examine(content) for content in some[first : first + step]])

    judge(images[: 10 * step])  # warm
    started = time.perf_counter()
    judge(images)
    return len(images) / (time.perf_counter() - started)


@contextmanager
def paper_server() -> Iterator[int]:
    port = free_port()
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-m", "benchmarks.paper_server", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until_healthy(port, process, started)
        yield port
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
