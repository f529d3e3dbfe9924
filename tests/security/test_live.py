"""The web process itself, over real sockets: slow clients, lying lengths, invented proxies."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.api.conftest import picture
from tests.conftest import ROOT
from tests.system import FORM_HEADERS, environment, form, free_port

pytestmark = pytest.mark.servers

SLOW_CLIENTS = 60


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    process, port = start(tmp_path_factory.mktemp("home"))
    yield port
    process.terminate()
    process.wait()


def start(home: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """`manage.py web` on a data folder of its own, without a broker: limits stand open, nothing else changes."""
    port = free_port()
    surroundings = environment(home, port, DJANGO_SETTINGS_MODULE="config.settings")
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=surroundings, check=True)
    with (home / "web.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "web"], cwd=ROOT, env=surroundings, stdout=output, stderr=output
        )
    wait_for(port, process, home / "web.log")
    return process, port


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20)
            return
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_sixty_clients_that_never_finish_their_request_keep_nobody_waiting(port: int) -> None:
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW_CLIENTS)]
    try:
        for number, client in enumerate(clients):
            head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
            client.sendall(head if number % 2 else head + b"Content-Length: 100000\r\n\r\nslow")

        started = time.monotonic()
        statuses = {ask(port, "GET", "/health")[0].status for _ in range(5)}
        seconds = time.monotonic() - started
    finally:
        for client in clients:
            client.close()
    assert statuses == {200}
    assert seconds < 30, "far below the 60 s after which a slow client is dropped"


@pytest.mark.parametrize("path", ["/predict", "/api/v1/batches", "/api/v1/session"])
def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(port: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2**40}\r\n\r\n".encode())

        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("length", ["-1", "12,13", "abc"])
def test_a_length_that_is_none_is_refused(port: int, length: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode())

        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP"])
def test_who_comes_through_a_proxy_that_nobody_told_us_of_is_not_taken_for_this_machine(port: int, header: str) -> None:
    """The server must not drop these headers on the way: all who come through the proxy have its address."""
    here, _ = ask(port, "POST", "/predict", form("image", [picture()]), **FORM_HEADERS)
    there, _ = ask(port, "POST", "/predict", form("image", [picture()]), **FORM_HEADERS, **{header: "203.0.113.9"})

    assert here.status == 200
    assert there.status == 401


def test_no_header_tells_what_serves_it(port: int) -> None:
    answer, _ = ask(port, "GET", "/health")

    assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("path", "host"),
    [("/health", "localhost"), ("/api/v1/nothing", "localhost"), ("/", "localhost"), ("/health", "somebody.else")],
)
def test_an_answer_to_head_has_no_body_that_could_be_taken_for_the_next_answer(port: int, path: str, host: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with client.makefile("rb") as stream:
            answers = stream.read().split(b"\r\n\r\n")

    assert answers[0].startswith(b"HTTP/1.1 ")
    assert b"Content-Length: " in answers[0]
    assert answers[1].startswith(b"HTTP/1.1 200 ")


def test_it_ends_by_itself_when_told_to(tmp_path: Path) -> None:
    """As the first process of a container it hears no signal that it has no handler for."""
    process, _ = start(tmp_path)
    process.terminate()

    assert process.wait(30) == 0


def test_a_content_type_in_an_unknown_encoding_is_refused(port: int) -> None:
    answer, content = ask(port, "POST", "/predict", b"x", Content_Type="multipart/form-data; boundary*=foo''%41")

    assert (answer.status, json.loads(content)["code"]) == (415, "unsupported_media_type")
