"""Whole systems under load: two workers beside one, /predict beside a batch, a full table, and the long runs."""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import overload

from benchmarks import bulk, databases, load, million
from benchmarks.databases import Kind
from tests.system import ROOT, System, environment, form, running

CLIENTS = 8


@contextmanager
def started(kind: Kind, *, finished_rows: int = 0, **extra: str) -> Iterator[System]:
    """A fresh installation on a fresh database, with so many finished rows of the administrator's in it."""
    with (
        tempfile.TemporaryDirectory(prefix="assay-bench-") as folder,
        databases.fresh(kind, Path(folder)) as variables,
    ):
        home = Path(folder) / "home"
        if finished_rows:
            with running(home, **variables, **extra):
                pass  # makes the tables and the administrator
            million.run("fill", finished_rows, home, variables)
        with running(home, **variables, **extra) as system:
            yield system


def measure_bulk(images: Sequence[bytes]) -> dict[str, float]:
    """Upload and drain on PostgreSQL."""
    with started("postgres") as system:
        figures = bulk.measure(system, images)
    return {"upload_postgres": figures["upload"], "drain_postgres": figures["drain"]}


def measure_full_table(images: Sequence[bytes], rows: int) -> dict[str, float]:
    """The drain of the real worker on an empty database and, in turns with it, among so many finished rows; medians of
    three."""
    figures: dict[str, float] = {}
    for kind in databases.KINDS:
        with started(kind, finished_rows=rows) as full, started(kind) as empty:
            sides = [("empty", empty, empty.token()), ("full", full, full.token())]
            for _, system, token in sides:
                bulk.upload_and_wait(system, token, images[: len(images) // 10])  # warm
            drains: dict[str, list[float]] = {"empty": [], "full": []}
            for number in range(3):
                for state, system, token in sides[:: (-1) ** number]:
                    drains[state].append(bulk.drain(system, token, images))
        figures |= {f"worker_drain_{state}_{kind}": statistics.median(values) for state, values in drains.items()}
    return figures


def measure_workers(images: Sequence[bytes]) -> dict[str, float]:
    """The drain of one worker and of two, one thread each, on PostgreSQL."""
    with started("postgres", ASSAY_THREADS="1") as system:
        token = system.token()
        bulk.upload_and_wait(system, token, images[: len(images) // 10])
        one = bulk.drain(system, token, images)
        with second_worker(system):
            time.sleep(5)  # until it has its model
            two = bulk.drain(system, token, images)
    return {"workers_1": one, "workers_2": two}


@contextmanager
def second_worker(system: System) -> Iterator[None]:
    command = [name.replace("w1@", "w2@") for name in system.child("worker").cmdline()]
    variables = environment(system.home, system.port, **system.variables)
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  (as the system starts its own)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def measure_busy(images: Sequence[bytes], seconds: float) -> dict[str, float]:
    """The median wait of /predict at 8 clients, idle and while a bulk batch drains."""
    with started("sqlite") as system:
        token = system.token()
        load.predict(system.port, images, clients=CLIENTS, seconds=1.0)
        idle = load.predict(system.port, images, clients=CLIENTS, seconds=seconds).median_wait_ms
        batch = bulk.send_paused(system, token, [*images] * 4)
        system.call(token, "POST", f"/api/v1/batches/{batch}/resume")
        busy = load.predict(system.port, images, clients=CLIENTS, seconds=seconds).median_wait_ms
        if system.call(token, "GET", f"/api/v1/batches/{batch}")["state"] == "finished":
            raise RuntimeError("The batch ended before the measurement did: give it fewer --seconds.")
    return {"predict_idle_wait": idle, "predict_busy_wait": busy}


def measure_upload_50k(images: Sequence[bytes], count: int) -> dict[str, float]:
    """One batch of so many files of 20 KB uploaded, and judged: time, and the most memory of web and worker."""
    with started("sqlite", ASSAY_MIN_FREE_MB="1") as system:
        token = system.token()
        began = time.perf_counter()
        batch = bulk.send_batch(system, token, Padded(images, count))
        uploaded = time.perf_counter() - began
        bulk.wait_for(system, token, batch)
        return {
            "upload50k": count / uploaded,
            "upload50k_web_mb": bulk.most_resident_mb(*system.children("web")),
            "upload50k_worker_mb": bulk.most_resident_mb(system.child("worker")),
        }


class Padded(Sequence[bytes]):
    """So many different files of 20 KB, made as they are asked for: the images with a number behind their end."""

    SIZE = 20_000

    def __init__(self, images: Sequence[bytes], count: int) -> None:
        self._images, self._count = images, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self._make(number) for number in range(*place.indices(self._count))]
        return self._make(place)

    def _make(self, number: int) -> bytes:
        return (self._images[number % len(self._images)] + number.to_bytes(4, "big")).ljust(self.SIZE, b"\0")


def measure_soak(images: Sequence[bytes], minutes: float) -> dict[str, float]:
    """Uploads at half the rate of a drain for so long: slopes of memory, open files, and every image ended once."""
    with started("sqlite") as system:
        token = system.token()
        bulk.upload_and_wait(system, token, images[:100])
        pace = bulk.UPLOAD_FILES / (bulk.drain(system, token, images) / 2)
        batches: list[str] = []
        samples: dict[str, list[tuple[float, float, int]]] = {"web": [], "worker": []}
        began, sent, total = time.monotonic(), 0, 0
        while time.monotonic() - began < 60 * minutes:
            place = sent * bulk.UPLOAD_FILES % len(images)
            some = images[place : place + bulk.UPLOAD_FILES]
            body = form("images", some)
            batches.append(str(system.call(token, "POST", "/api/v1/batches", body)["batch"]["id"]))
            sent, total = sent + 1, total + len(some)
            for name, taken in samples.items():
                processes = system.children(name)
                size = sum(process.memory_info().rss for process in processes) / 2**20
                files = sum(process.num_fds() for process in processes)
                taken.append(((time.monotonic() - began) / 60, size, files))
            time.sleep(max(0.0, began + sent * pace - time.monotonic()))
        for batch in batches:
            bulk.wait_for(system, token, batch)  # raises where one image has no result
    figures: dict[str, float] = {"soak_images": total, "soak_minutes": minutes}
    for name, taken in samples.items():
        figures[f"soak_{name}_slope"] = slope([(at, size) for at, size, _ in settled(taken)])
        figures[f"soak_{name}_files"] = slope([(at, files) for at, _, files in settled(taken)])
    return figures


def settled(samples: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Without the first fifth, in which models and caches fill."""
    return samples[len(samples) // 5 :]


def slope(points: list[tuple[float, float]]) -> float:
    """Per minute, by least squares."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
