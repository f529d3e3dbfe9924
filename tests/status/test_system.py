"""The whole system on its own: an upload's request id in the worker's log, the worker's figures in /metrics."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from tests.system import FORM_HEADERS, System, form, running
from tests.workers.conftest import picture

pytestmark = pytest.mark.servers

LIMIT_SECONDS = 120


def lines_of(log: Path) -> list[dict[str, object]]:
    if not log.exists():  # its process starts a moment after the web's
        return []
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def wait_for(log: Path, words: str) -> dict[str, object]:
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        for line in lines_of(log):
            if words in str(line["message"]):
                return line
        assert time.monotonic() < deadline, lines_of(log)
        time.sleep(0.2)


def test_an_upload_can_be_followed_through_all_processes(tmp_path: Path) -> None:
    settings = {"ASSAY_LOG_FORMAT": "json", "ASSAY_BEAT_SECONDS": "1", "ASSAY_WEB_PROCESSES": "1"}  # so one log has it
    with running(tmp_path / "home", **settings) as system:
        logs = system.home / "logs"
        connection = HTTPConnection("127.0.0.1", system.port, timeout=60)
        sender = {"Authorization": f"Bearer {system.token()}", "X-Request-ID": "upload-42"}
        connection.request("POST", "/api/v1/batches", form("images", [picture(1), picture(2)]), FORM_HEADERS | sender)
        assert connection.getresponse().status == 202
        connection.close()

        told = wait_for(logs / "worker.log", "analyses of lane interactive ended")
        assert (told["request_id"], told["ended"]) == ("upload-42", 2)
        assert wait_for(logs / "web.log", "POST /api/v1/batches 202")["request_id"] == "upload-42"

        deadline = time.monotonic() + LIMIT_SECONDS
        while 'assay_decode_seconds_count{process="w1@' not in (text := read(f"{system.url}/metrics")) or (
            'verdict="not_assessed"} 2.0' not in text
        ):
            assert time.monotonic() < deadline, text
            time.sleep(0.3)
        assert json.loads(read(f"{system.url}/readyz"))["status"] == "ready"
        # Every line of ours is JSON; the server's own first words and C libraries are not ours.
        assert all(line.startswith("{") for line in (logs / "web.log").read_text().splitlines())


def test_each_web_process_tells_what_all_have_counted_and_no_count_goes_back(tmp_path: Path) -> None:
    with running(tmp_path / "home", ASSAY_WEB_PROCESSES="2") as system:
        wait_for_listener(system, "web2")
        one, other = system.children("web")
        for asleep in (one, other):
            with stopped(asleep):
                for _ in range(5):
                    read(f"{system.url}/livez")

        for asleep in (one, other):
            with stopped(asleep):
                assert count_of_livez(system) == 10
        one.kill()
        with stopped(other):  # answered by the one that takes its place
            assert count_of_livez(system) == 10


def wait_for_listener(system: System, name: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    log = system.home / "logs" / f"{name}.log"
    while not log.exists() or "Serving" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def count_of_livez(system: System) -> float:
    count = re.search(r'http_requests_total\{.*route="livez".*\} (\S+)', read(f"{system.url}/metrics"))
    assert count
    return float(count[1])


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())
