"""deploy/proxy/nginx.conf before web processes that misbehave: nobody gets somebody else's answer or a false word."""

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from console.management.commands import web
from deploy.local.machine import PORTS, Machine
from tests.conftest import ROOT
from tests.deploy.installation import services, wait_until
from tests.system import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

CONFIGURATION = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
PICTURE = b"\xff\xd8 somebody's picture"


class Upstream:
    """Answers /picture with a body after HEAD too, hangs up without a word after /away, and says its path otherwise."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.methods: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            while request := lines.readline():
                method, path, _ = request.decode().split(" ")
                self.methods.append(method)
                while lines.readline().strip():
                    pass
                if path == "/away":
                    return
                body = PICTURE if path == "/picture" else path.encode()
                connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
                time.sleep(0.05)  # the proxy has the head alone, and takes the answer to a HEAD for whole
                connection.sendall(body)


@contextmanager
def nginx(folder: Path, upstream: Upstream) -> Iterator[int]:
    """Runs the compose file's proxy before `upstream`; its port."""
    ports = dict.fromkeys(PORTS, 1) | {"web": upstream.port, "proxy": free_port()}
    native = Machine(folder, ports).translate(services()["proxy"])
    process = subprocess.Popen(native.command, env=native.environment)
    try:
        wait_until(lambda: listens(ports["proxy"]), "nginx listens", seconds=30)
        yield ports["proxy"]
    finally:
        process.terminate()
        process.wait(30)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, method: str, path: str) -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    running = Upstream()
    yield running
    running.listener.close()


def test_what_follows_a_head_is_no_other_callers_answer(tmp_path: Path, upstream: Upstream) -> None:
    with nginx(tmp_path, upstream) as port:
        for number in range(10):
            head, body = ask(port, "HEAD", "/picture")
            assert (head.status, head.headers["Content-Length"], body) == (200, str(len(PICTURE)), b"")

            _, body = ask(port, "GET", f"/{number}")
            assert body == f"/{number}".encode()
    assert set(upstream.methods) == {"GET"}


def test_nobody_is_told_that_nothing_was_kept_where_nobody_knows(tmp_path: Path, upstream: Upstream) -> None:
    with nginx(tmp_path, upstream) as port:
        answer, body = ask(port, "POST", "/away")

    problem = json.loads(body)
    assert upstream.methods == ["POST"], "sent twice, it would be kept twice"
    assert (answer.status, answer.headers["Retry-After"], problem["code"]) == (503, "5", "web_away")
    assert "may or may not have been kept" in problem["detail"]


def test_the_proxy_hangs_up_before_the_web_process_does() -> None:
    """A request on a connection that the other end closes at that moment is lost."""
    upstream = re.search(r"upstream web \{(.+?)\}", CONFIGURATION, re.DOTALL)
    assert upstream is not None
    [seconds] = re.findall(r"keepalive_timeout (\d+)s;", upstream[1])
    assert int(seconds) < web.SLOW_CLIENT_SECONDS
