"""`make bench`: every figure in one run on the same images, a table on the screen and benchmarks/results.json.

Each round measures our servers and the paper's side by side, started afresh; what is published are medians over the
rounds, so that a noisy moment of the machine touches both sides of a ratio or neither. Sections that hold both sides
of their ratios themselves are measured once. What is measured is written after each section, and one that fails takes
nothing with it. `--only NAME` measures one section and writes nothing; what runs long (`soak`, `upload50k`) or
elsewhere (`gpu`) is measured only so, and writes a file of its own.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import bulk, gpu, large, load, million, systems, table
from detector import Detector
from tests.system import ROOT, free_port, running, wait_until_healthy

IMAGES = 1000
CLIENTS = systems.CLIENTS


@dataclass(frozen=True)
class Section:
    """Measures some figures; in every round or once."""

    measure: Callable[[], dict[str, float]]
    in_every_round: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each /predict measurement")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of a full table")
    parser.add_argument("--images", type=int, default=IMAGES, help="of a batch")
    parser.add_argument("--faces", type=int, default=100, help="enlarged to 12 megapixels")
    parser.add_argument("--files", type=int, default=50_000, help="of upload50k")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the soak")
    parser.add_argument("--only", choices=[*list_sections([], parser.parse_args([])), *APART], help="one section alone")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="sections to leave out")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers of a section end with it
    images = read_images(given.images)
    sections = {name: section for name, section in list_sections(images, given).items() if name not in given.without}
    if given.only in APART:
        results = table.summarise(APART[given.only](images, given), images=len(images))
        if given.only == "gpu":
            results["machine"]["gpu"] = gpu.describe()
        write(results, table.RESULTS_APART[given.only])
    elif given.only:
        results = table.summarise(one_round(sections[given.only].measure()), images=len(images))
    else:
        results = measure(sections, given.rounds, len(images), table.RESULTS)
    print(table.text(results))
    if results["failed"]:
        sys.exit(f"The benchmark failed in {', '.join(results['failed'])}, as told above; the others were measured.")


def list_sections(images: Sequence[bytes], given: argparse.Namespace) -> dict[str, Section]:
    return {
        "ceiling": Section(lambda: {"ceiling": measure_ceiling(images)}, in_every_round=True),
        "paper": Section(partial(measure_paper, images, given.seconds), in_every_round=True),
        "predict": Section(partial(measure_ours, images, given.seconds), in_every_round=True),
        "postgres": Section(partial(systems.measure_bulk, images), in_every_round=True),
        "busy": Section(partial(systems.measure_busy, images, given.seconds)),
        "workers": Section(partial(systems.measure_workers, images)),
        "million": Section(partial(million.measure, given.rows)),
        "full": Section(partial(systems.measure_full_table, images, given.rows)),
        "large": Section(partial(large.measure, images, faces=given.faces)),
    }


APART: dict[str, Callable[[Sequence[bytes], argparse.Namespace], table.Rounds]] = {
    "upload50k": lambda images, given: one_round(systems.measure_upload_50k(images, given.files)),
    "soak": lambda images, given: one_round(systems.measure_soak(images, given.minutes)),
    "gpu": lambda images, given: one_round(gpu.measure(images)),
}


def measure(sections: dict[str, Section], rounds: int, images: int, file: Path) -> dict[str, Any]:
    """The table of every figure, a value for each round that measured it; in the file as far as it goes, always.

    A section that fails is not tried again: its values stay those of the first rounds, as ratios within a round need.
    """
    measured: table.Rounds = {}
    waiting: list[str] = list(sections)
    failed: list[str] = []
    for number in range(rounds):
        for name, section in sections.items():
            if name in failed or not (section.in_every_round or number == 0):
                continue
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            try:
                figures = section.measure()
            except Exception:  # whatever it was, it is no reason to lose the other sections' hours
                traceback.print_exc()
                failed.append(name)
                figures = {}
            for figure, value in figures.items():
                measured.setdefault(figure, []).append(value)
            waiting = [other for other in waiting if other != name]
            write(table.summarise(measured, images=images, failed=failed, waiting=waiting), file)
    return table.summarise(measured, images=images, failed=failed)


def one_round(figures: dict[str, float]) -> table.Rounds:
    return {figure: [value] for figure, value in figures.items()}


def write(results: dict[str, Any], file: Path) -> None:
    fresh = file.with_suffix(".json.new")
    fresh.write_text(json.dumps(results, indent=2) + "\n")
    fresh.replace(file)


def read_images(count: int) -> list[bytes]:
    """So many different faces of the development data, in an order that mixes the classes."""
    faces = Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data")) / "faces" / "ffhq-stylegan"
    files = sorted(faces.glob("*/*.jpg"), key=lambda file: hashlib.sha256(file.name.encode()).digest())
    if len(files) < count:
        sys.exit(f"The benchmark needs {count} images in {faces}; set ASSAY_DATA.")
    return [file.read_bytes() for file in files[:count]]


def measure_paper(images: Sequence[bytes], seconds: float) -> dict[str, float]:
    with paper_server() as port:
        return measure_predict("paper", port, images, seconds)


def measure_ours(images: Sequence[bytes], seconds: float) -> dict[str, float]:
    """/predict after a first start, then a batch after a second."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        home = Path(folder) / "home"
        with running(home) as system:
            figures = {"first_start": system.healthy_seconds}
            figures |= measure_predict("predict", system.port, images, seconds)
        with running(home) as system:
            figures["second_start"] = system.healthy_seconds
            return figures | bulk.measure(system, images)


def measure_predict(name: str, port: int, images: Sequence[bytes], seconds: float) -> dict[str, float]:
    figures: dict[str, float] = {}
    for clients in (1, CLIENTS):
        load.predict(port, images, clients=clients, seconds=1.0)  # warm
        measured = load.predict(port, images, clients=clients, seconds=seconds)
        figures[f"{name}_{clients}"] = measured.requests_per_second
        figures[f"{name}_{clients}_wait"] = measured.median_wait_ms
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
