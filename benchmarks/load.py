"""A small load generator: clients that each send one image after the other to `POST /predict` and wait."""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle

from tests.system import FORM_HEADERS, form


@dataclass(frozen=True)
class Throughput:
    requests_per_second: float
    median_wait_ms: float


def predict(port: int, images: Sequence[bytes], *, clients: int, seconds: float) -> Throughput:
    """Requests per second and the median wait of `clients` clients over `seconds`; raises on any answer but 200."""
    bodies = [form("image", [image]) for image in images]
    waits: list[float] = []
    failures: list[BaseException] = []
    end = time.perf_counter() + seconds

    def call(first: int) -> None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            for body in cycle(bodies[first:] + bodies[:first]):
                started = time.perf_counter()
                if started >= end:
                    break
                connection.request("POST", "/predict", body, FORM_HEADERS)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status}: {content[:300]!r}")
                waits.append(time.perf_counter() - started)
            connection.close()
        except BaseException as failure:
            failures.append(failure)

    started = time.perf_counter()
    threads = [threading.Thread(target=call, args=(number * len(bodies) // clients,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Throughput(len(waits) / (time.perf_counter() - started), 1000 * statistics.median(waits))
