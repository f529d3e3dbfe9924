"""The compose file's own commands and settings, run natively: a killed worker and slow clients cost nobody anything."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import compose
from deploy.local.machine import Machine
from deploy.local.services import Services
from tests.deploy.installation import Installation, installed, new_folder, wait_until
from tests.system import ROOT, free_port
from tests.workers.conftest import picture

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

IMAGES = 160
SLOW_CLIENTS = 24  # three times the threads of the web process


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with new_folder() as folder, installed(folder) as running:
        yield running


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    return installation.token()


def test_every_image_gets_its_verdict_although_a_worker_is_killed(installation: Installation, token: str) -> None:
    batch = installation.send(token, [picture(seed) for seed in range(IMAGES)])

    _kill_with_work_in_hand(installation, "worker@worker-1")

    wait_until(lambda: installation.batch(token, batch)["state"] == "finished", "all verdicts")
    [(done, once)] = installation.query(
        f"SELECT count(*) FILTER (WHERE state = 'done'), count(DISTINCT ordinal) FROM batches_analysis "
        f"WHERE batch_id = '{batch}'"
    )
    assert (done, once) == (IMAGES, IMAGES)
    assert installation.query("SELECT max(attempts) FROM batches_analysis") == [(2,)]
    wait_until(lambda: len(installation.processes("workers.app worker")) == 2, "the killed worker is back")


def test_health_checks_of_the_compose_file_hold(installation: Installation) -> None:
    variables = compose.read_variables(installation.folder / ".env")
    machine = Machine(installation.folder, _ports(installation))
    services = Services(machine, variables, report=print)

    for name, number in (("postgres", 1), ("valkey", 1), ("web", 1), ("worker", 1), ("worker", 2), ("beat", 1)):
        services.wait_until_healthy(name, number)
    assert not Services(machine, variables | {"VALKEY_PASSWORD": "wrong"}, report=print).is_healthy("valkey")
    assert not services.is_healthy("worker", 3), "there is no third worker"


def test_slow_uploads_wait_in_the_proxy_and_occupy_no_web_thread(installation: Installation) -> None:
    [web] = installation.processes("manage.py web")
    before = len(_peers(web))
    body = b"--b\r\nContent-Disposition: form-data; name=image; filename=a.jpg\r\n\r\n" + picture(1) + b"\r\n--b--\r\n"
    head = (
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    clients = [socket.create_connection(("127.0.0.1", installation.port), timeout=60) for _ in range(SLOW_CLIENTS)]
    try:
        for client in clients:
            client.sendall(head + body[:200])
        time.sleep(2)

        assert len(_peers(web)) <= before + 1, "an unfinished upload reached the web process"
        status, _, answer = installation.ask("GET", "/health")
        assert (status, answer) == (200, {"status": "ok"})
        clients[0].sendall(body[200:])
        assert b" 401 " in clients[0].recv(4096).split(b"\r\n")[0], "whole at last, it is answered (nobody logged in)"
    finally:
        for client in clients:
            client.close()


def test_request_ids_and_addresses_come_through_the_proxy_and_cannot_be_forged(installation: Installation) -> None:
    _, headers, _ = installation.ask("GET", "/health", X_Request_ID="from-the-client-1")
    assert headers["x-request-id"] == "from-the-client-1"
    _, headers, _ = installation.ask("GET", "/health", X_Request_ID="two words")
    assert headers["x-request-id"] != "two words"

    status, _, _ = installation.ask(
        "POST",
        "/api/v1/session",
        json.dumps({"username": "nobody", "password": "wrong"}).encode(),
        X_Forwarded_For="203.0.113.9",
        Content_Type="application/json",
    )
    assert status == 401
    assert installation.query("SELECT DISTINCT address FROM accounts_loginfailure") == [("127.0.0.1",)]


def test_a_body_over_the_limit_is_refused_by_the_proxy_with_a_problem(installation: Installation) -> None:
    client = socket.create_connection(("127.0.0.1", installation.port), timeout=60)
    with client:
        client.sendall(
            b"POST /api/v1/batches HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Length: 300000000\r\n\r\n"
        )
        answer = b"".join(iter(lambda: client.recv(4096), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 413 " in head.split(b"\r\n")[0]
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["code"] == "body_too_large"


def test_what_orchestrators_ask_for_is_not_public(installation: Installation) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        with socket.create_connection(("127.0.0.1", installation.port), timeout=60) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            assert b" 404 " in client.recv(100)


def test_while_the_web_process_is_away_callers_get_a_problem_that_says_when_to_come_back(
    installation: Installation,
) -> None:
    [web] = installation.processes("manage.py web")
    web.kill()
    web.wait(10)

    status, headers, problem = installation.ask("GET", "/health")

    assert (status, problem["code"], headers["retry-after"]) == (503, "web_away", "5")
    assert problem["request_id"] == headers["x-request-id"]
    wait_until(lambda: installation.ask("GET", "/health")[0] == 200, "the web process is back")


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_folder() as made:
        yield made


def test_it_ends_when_told_and_goes_on_where_it_was(folder: Path) -> None:
    with installed(folder, ASSAY_WORKERS="1") as first:
        token = first.token()
        batch = first.send(token, [picture(seed) for seed in range(IMAGES)])
        children = psutil.Process(first.process.pid).children(recursive=True)
        first.process.terminate()
        assert first.process.wait(120) == 0
        _, alive = psutil.wait_procs(children, timeout=5)  # a decoder goes when it sees that its worker has gone
        assert alive == []

    with installed(folder, ASSAY_WORKERS="1") as again:
        wait_until(lambda: again.batch(token, batch)["state"] == "finished", "all verdicts")
        assert again.batch(token, batch)["counts"]["done"] == IMAGES


def _kill_with_work_in_hand(installation: Installation, name: str) -> None:
    """Stops the worker until it is seen to hold rows, then kills it."""
    number = name.rpartition("-")[2]
    [worker] = installation.processes("workers.app worker", f"worker-{number}")
    held = f"SELECT count(*) FROM batches_analysis WHERE state = 'running' AND lease_owner = '{name}'"
    deadline = time.monotonic() + 60
    while True:
        worker.suspend()
        if installation.query(held) != [(0,)]:
            break
        worker.resume()
        assert time.monotonic() < deadline, "the worker never had work in hand"
        time.sleep(0.05)
    worker.kill()
    worker.wait(10)


def _ports(installation: Installation) -> dict[str, int]:
    environment = installation.environment()
    [web] = installation.processes("manage.py web")
    return {
        "postgres": int(environment["DATABASE_URL"].rpartition(":")[2].partition("/")[0]),
        "valkey": int(environment["BROKER_URL"].rpartition(":")[2].partition("/")[0]),
        "web": int(web.cmdline()[-1].rpartition(":")[2]),
        "proxy": installation.port,
    }


def _peers(process: psutil.Process) -> list[object]:
    """Connections that somebody made to the process's listening port."""
    connections = process.net_connections("tcp4")
    listening = {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}
    return [c for c in connections if c.status == psutil.CONN_ESTABLISHED and c.laddr.port in listening]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [("a b", None, "without spaces"), ("taken", "a file", "cannot be made"), ("local/.env", "ASSAY", "not NAME=value")],
)
def test_what_keeps_it_from_starting_is_one_sentence(tmp_path: Path, name: str, content: str | None, why: str) -> None:
    if content:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    folder = tmp_path / name.removesuffix("/.env")

    ended = subprocess.run(
        [sys.executable, "-m", "deploy.local", "--folder", str(folder), "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert ended.returncode == 1
    assert why in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
