"""What was answered with 2xx survives kill -9 of web, worker and broker in turn, and ends with exactly one result."""

import time
from pathlib import Path

import pytest

from tests.system import form, running

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

ROUNDS = ("web", "worker", "broker", "worker", "web", "broker")


def test_acknowledged_images_survive_kill_9_of_each_process_and_end_once(tmp_path: Path, shared_data: Path) -> None:
    faces = sorted((shared_data / "faces" / "ffhq-stylegan" / "real").iterdir())[: len(ROUNDS) * 40]
    with running(tmp_path / "home", ASSAY_LEASE_SECONDS="5") as system:
        token = system.token()
        batches = []
        for number, name in enumerate(ROUNDS):
            images = [face.read_bytes() for face in faces[number * 40 : (number + 1) * 40]]
            answer = system.call(token, "POST", "/api/v1/batches", form("images", images))
            batches.append(answer["batch"]["id"])
            assert len(answer["accepted"]) == 40
            victim = system.child(name)
            victim.kill()
            victim.wait(5)
        for batch in batches:
            wait_until_finished = time.monotonic() + 90
            while (status := system.call(token, "GET", f"/api/v1/batches/{batch}"))["state"] != "finished":
                assert time.monotonic() < wait_until_finished, status
                time.sleep(0.2)
            assert status["counts"]["done"] == status["total"] == 40, status
            rows = system.call(token, "GET", f"/api/v1/analyses?batch={batch}&limit=500")["results"]
            assert sorted(row["ordinal"] for row in rows) == list(range(40))
            assert {row["verdict"] for row in rows} <= {"fake", "real", "inconclusive", "not_assessed"}
