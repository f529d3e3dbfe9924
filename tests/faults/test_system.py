"""Rows 27 to 29 of the fault matrix: a model that is gone, a supervisor that is killed, a whole machine that stops."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import connection

from registry import bundles, selectors
from tests.faults.cluster import Cluster, check, pictures
from tests.system import System, form, running

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

PROCESSES = ("broker", "web", "worker", "beat")


@pytest.mark.parametrize("trouble", ["gone", "changed"])
def test_row_27_without_its_model_a_worker_ends_and_the_images_wait(cluster: Cluster, trouble: str) -> None:
    folder = bundles.folder_of(selectors.serving().active)
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside)
    engine = folder / json.loads((folder / "card.json").read_text())["engines"][settings.ENGINE]["file"]
    if trouble == "gone":
        engine.unlink()
    else:
        engine.write_bytes(engine.read_bytes() + b"changed")
    try:
        cluster.kill("worker")
        cluster.start("worker")
        sent = cluster.send()

        assert cluster.wait_for_exit("worker") == 78

        assert cluster.unfinished(sent).filter(state="waiting", attempts=0).count() == len(sent.ids)
        assert "manage.py model list" in cluster.log("worker")
        cluster.wait_until(lambda: cluster.readiness()["worker"] != "ok")
    finally:
        shutil.rmtree(folder)
        aside.rename(folder)
    cluster.start("worker")
    cluster.wait_for(sent)
    check(sent)


def test_row_28_a_killed_supervisor_takes_its_children_along_and_the_next_start_ends_all(tmp_path: Path) -> None:
    with a_database(tmp_path) as extra:
        with running(tmp_path / "home", **extra) as system:
            sent = send(system)
            children = [system.child(name) for name in PROCESSES]
            everybody = psutil.Process(system.process.pid).children(recursive=True)
            system.process.kill()

            _, alive = psutil.wait_procs({*children, *everybody}, timeout=5)

            assert alive == []
        assert_all_end_once(tmp_path / "home", extra, sent)


def test_row_29_a_machine_that_stops_altogether_goes_on_where_it_was(tmp_path: Path) -> None:
    with a_database(tmp_path) as extra:
        with running(tmp_path / "home", **extra) as system:
            sent = send(system)
            everybody = psutil.Process(system.process.pid).children(recursive=True)
            system.process.kill()
            for process in everybody:
                if process.is_running():
                    process.kill()
            psutil.wait_procs(everybody, timeout=5)
        assert_all_end_once(tmp_path / "home", extra, sent)


@contextmanager
def a_database(folder: Path) -> Iterator[dict[str, str]]:
    """Of the kind under test, for a system of its own; and the settings that name it."""
    extra = {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "ASSAY_FAULTS": str(folder / "no faults"),  # but for the stand-in of the model
        "ASSAY_LEASE_SECONDS": "8",
        "ASSAY_CHUNK": "8",
    }
    if connection.vendor == "sqlite":
        yield extra
        return
    name, url = f"up_{uuid4().hex[:8]}", urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(url), autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
        yield extra | {"DATABASE_URL": urlunsplit(url._replace(path=f"/{name}"))}
        link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def send(system: System) -> dict[str, set[str]]:
    """Two batches by their ids, with the ids of their analyses."""
    token = system.token()
    sent = {}
    for _ in range(2):
        answer = system.call(token, "POST", "/api/v1/batches", form("images", pictures(60)))
        sent[answer["batch"]["id"]] = {row["analysis"] for row in answer["accepted"]}
    return sent


def assert_all_end_once(home: Path, extra: dict[str, str], sent: dict[str, set[str]]) -> None:
    with running(home, **extra) as system:
        token = system.token()
        for batch, ids in sent.items():
            deadline = time.monotonic() + 120
            while (status := system.call(token, "GET", f"/api/v1/batches/{batch}"))["state"] != "finished":
                assert time.monotonic() < deadline, status
                time.sleep(0.2)
            assert status["counts"]["done"] == status["total"] == len(ids), status
            rows = system.call(token, "GET", f"/api/v1/analyses?batch={batch}&limit=500")["results"]
            assert {row["id"] for row in rows} == ids
            assert len(rows) == len(ids)
    assert not list((home / "incoming").iterdir())
