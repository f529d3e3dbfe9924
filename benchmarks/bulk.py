"""Batches of images through the API: how fast they are taken in and judged, and how much memory that takes."""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import psutil

from tests.system import System, form

UPLOAD_FILES = 100  # a request, as the dashboard sends them


def measure(system: System, images: Sequence[bytes]) -> dict[str, float]:
    """One batch from the first byte sent to the last verdict, and one that was paused while it was uploaded."""
    token = system.token()
    half = len(images) // 10
    upload_and_wait(system, token, images[:half])  # warm
    started = time.time()
    finished = upload_and_wait(system, token, images)
    upload = len(images) / (finished - started)

    return {
        "upload": upload,
        "drain": drain(system, token, images),
        "web_mb": most_resident_mb(*system.children("web")),
        "worker_mb": most_resident_mb(system.child("worker")),
    }


def drain(system: System, token: str, images: Sequence[bytes]) -> float:
    """Images per second from the moment a batch that was uploaded in peace may begin."""
    batch = send_paused(system, token, images)
    started = time.time()
    system.call(token, "POST", f"/api/v1/batches/{batch}/resume")
    return (len(images) - 1) / (wait_for(system, token, batch) - started)


def send_paused(system: System, token: str, images: Sequence[bytes]) -> str:
    """A batch that waits, all but its first image. A stopped worker might hold SQLite's lock meanwhile."""
    while True:
        batch = send_batch(system, token, images[:1])
        # Not where its image was quicker.
        if system.call(token, "POST", f"/api/v1/batches/{batch}/pause")["state"] == "paused":
            return send_batch(system, token, images[1:], batch)


def upload_and_wait(system: System, token: str, images: Sequence[bytes]) -> float:
    return wait_for(system, token, send_batch(system, token, images))


def send_batch(system: System, token: str, images: Sequence[bytes], batch: str = "") -> str:
    """Sends the images in requests of 100, as the dashboard does, into a new batch or this one; returns its id."""
    path = f"/api/v1/batches/{batch}/images" if batch else "/api/v1/batches"
    for first in range(0, len(images), UPLOAD_FILES):
        answer = system.call(token, "POST", path, form("images", images[first : first + UPLOAD_FILES]))
        batch = str(answer["batch"]["id"])
        path = f"/api/v1/batches/{batch}/images"
    return batch


def wait_for(system: System, token: str, batch: str) -> float:
    """The time (Unix, s) the server wrote down as the end of the batch."""
    while True:
        answer = system.call(token, "GET", f"/api/v1/batches/{batch}")
        if answer["state"] == "finished":
            if answer["counts"]["done"] != answer["total"]:
                raise RuntimeError(f"not every image got a verdict: {answer['counts']}")
            return datetime.fromisoformat(answer["finished_at"]).timestamp()
        time.sleep(0.25)  # the end is in the answer: asking more often only takes the machine from the server


def most_resident_mb(*processes: psutil.Process) -> float:
    """The sum of their high-water marks of resident memory, VmHWM of proc(5)."""
    lines = chain.from_iterable(Path(f"/proc/{process.pid}/status").read_text().splitlines() for process in processes)
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
