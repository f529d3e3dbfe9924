"""Real processes are killed; what was acknowledged ends with exactly one result all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from batches import dispatch
from batches.models import Analysis, Batch
from config.celery import app
from console import broker
from tests.workers.conftest import SendPictures, picture

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]
IMAGES = 120


class Servers:
    """A broker, a worker and beat as children, on the database of the test."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "workers.app"]
        worker = [*celery, "worker", "-Q", "interactive,default,bulk", "-n"]
        commands = {
            "broker": broker.command(),
            "worker": [*worker, "w1@test"],
            "second worker": [*worker, "w2@test"],
            "beat": [*celery, "beat", "-s", str(self.logs / "beat-schedule")],
        }
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.workers.child_settings",
            "ASSAY_TEST_NAME": str(connection.settings_dict["NAME"]),
            "ASSAY_CHUNK": "8",
            "ASSAY_LEASE_SECONDS": "4",
            "ASSAY_SWEEP_SECONDS": "1",
        }
        with (self.logs / f"{name}.log").open("ab") as output:
            self.running[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running.pop(name).wait()

    def end(self) -> None:
        for name in ("beat", "second worker", "worker", "broker"):
            if name in self.running:
                self.running[name].terminate()
                self.running[name].wait(timeout=25)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path)
    for name in ("broker", "worker", "beat"):
        servers.start(name)
    yield servers
    servers.end()


def wait_for_results(count: int, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while Analysis.objects.exclude(state__in=["waiting", "running"]).count() < count:
        assert time.monotonic() < deadline, dict(Analysis.objects.values_list("state", "attempts"))
        time.sleep(0.02)


def kill_with_work_in_hand(servers: Servers) -> None:
    worker = servers.running["worker"]
    while True:
        worker.send_signal(signal.SIGSTOP)
        if Analysis.objects.filter(state="running").exists():
            break
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.01)
    servers.kill("worker")


def assert_each_image_ended_once(batch: Batch) -> None:
    wait_for_results(batch.total)
    assert set(Analysis.objects.values_list("state", flat=True)) == {"done"}
    batch.refresh_from_db()
    assert (batch.done, batch.fake + batch.real + batch.inconclusive + batch.not_assessed) == (IMAGES, IMAGES)
    assert (batch.waiting, batch.running, batch.quarantined) == (0, 0, 0)
    assert batch.finished_at


def test_killed_workers_lose_and_double_nothing(send: SendPictures, servers: Servers) -> None:
    batch = send([picture(seed) for seed in range(IMAGES)])

    for progress in (1, IMAGES // 4):
        wait_for_results(progress)
        kill_with_work_in_hand(servers)
        servers.start("worker")

    assert_each_image_ended_once(batch)
    assert Analysis.objects.filter(attempts=2).exists()


def test_a_broker_that_dies_and_comes_back_empty_costs_time_only(send: SendPictures, servers: Servers) -> None:
    batch = send([picture(seed) for seed in range(IMAGES)])
    wait_for_results(1)

    servers.kill("broker")
    for file in (settings.HOME / "broker").rglob("*.*"):
        file.unlink()
    servers.start("broker")

    assert_each_image_ended_once(batch)


def test_images_sent_while_the_broker_is_down_are_analysed_when_it_is_back(
    send: SendPictures, servers: Servers
) -> None:
    servers.kill("broker")
    batch = send([picture(seed) for seed in range(IMAGES)])

    servers.start("broker")

    assert_each_image_ended_once(batch)


def test_flushed_and_doubled_messages_cost_time_only(send: SendPictures, servers: Servers) -> None:
    servers.start("second worker")
    batch = send([picture(seed) for seed in range(IMAGES)])
    wait_for_results(1)

    with app.connection_or_acquire() as broker_connection:
        broker_connection.default_channel.client.flushall()
    dispatch._publish(batch.lane, 50)

    assert_each_image_ended_once(batch)
    assert set(Analysis.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_told_to_stop_finishes_its_chunk(send: SendPictures, servers: Servers) -> None:
    send([picture(seed) for seed in range(IMAGES)])
    wait_for_results(1)

    servers.running["worker"].terminate()

    assert servers.running.pop("worker").wait(timeout=25) == 0
    assert not Analysis.objects.filter(state="running").exists()


def test_a_worker_without_its_model_says_so_and_ends(transactional_db: None, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.workers.child_settings",
        "ASSAY_TEST_NAME": str(connection.settings_dict["NAME"]),
        "ASSAY_HOME": str(tmp_path),  # the registry's row is there, its files are not
    }

    worker = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert worker.returncode == 78
    assert "missing" in worker.stderr
    assert "manage.py model list" in worker.stderr
    assert "Traceback" not in worker.stderr


def test_a_worker_loads_neither_tensorflow_nor_the_web_application() -> None:
    program = """
import sys, workers.app, django
django.setup()
from django.conf import settings
from detector import Detector
from workers import tasks
from tests.workers.conftest import picture
detector = Detector.open(settings.BUNDLE, settings.ENGINE)
detector.assess([detector.examine(picture(seed)) for seed in range(8)])
print(sorted({"tensorflow", "keras", "api.urls", "config.urls"} & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
