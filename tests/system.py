"""The whole system as a user starts it, on a data folder and a port of its own: for tests and benchmarks."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import psutil

ROOT = Path(__file__).resolve().parent.parent
BOUNDARY = "assay-boundary"
FORM_HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass(frozen=True)
class System:
    """A running `manage.py up`."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    password: str
    healthy_seconds: float
    variables: dict[str, str] = field(default_factory=dict)  # beside those of `environment`

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def child(self, name: str) -> psutil.Process:
        """The first process of `web`, `worker`, `beat` or `broker`; waits while it is being restarted."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if found := self.children(name):
                return found[0]
            time.sleep(0.05)
        raise TimeoutError(f"no {name} process")

    def children(self, name: str) -> list[psutil.Process]:
        """All processes of `web`, `worker`, `beat` or `broker` that run now."""
        marks = {
            "web": "manage.py web",
            "worker": "workers.app worker",
            "beat": "workers.app beat",
            "broker": "-server",
        }
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if marks[name] in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def token(self, *scopes: str) -> str:
        """A fresh API token of the administrator, made on the command line of the same installation; without `scopes`
        for everyday use."""
        ended = subprocess.run(
            [
                sys.executable,
                "manage.py",
                "token",
                "admin",
                "--name",
                "tests",
                *(["--scopes", *scopes] if scopes else []),
            ],
            cwd=ROOT,
            env=environment(self.home, self.port, **self.variables),
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    def call(self, token: str, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """A request to the API; a body is a form. Raises on any answer but 2xx."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Bearer {token}"} | (FORM_HEADERS if body else {})
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        parsed: dict[str, Any] = json.loads(content)
        return parsed


def form(field: str, images: Sequence[bytes]) -> bytes:
    """A multipart/form-data body with every image as a file named by its number."""
    body = bytearray()
    for number, image in enumerate(images):
        body += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{number:05}.jpg"\r\n'.encode()
        )
        body += b"Content-Type: image/jpeg\r\n\r\n" + image + b"\r\n"
    return bytes(body) + f"--{BOUNDARY}--\r\n".encode()


def environment(home: Path, port: int, **extra: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DJANGO_"))}
    for name in ("BROKER_URL", "DATABASE_URL"):
        inherited.pop(name, None)
    return inherited | {"ASSAY_HOME": str(home), "ASSAY_PORT": str(port), "PYTHONWARNINGS": "default"} | extra


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(home: Path, **extra: str) -> Iterator[System]:
    """Starts the system on `home` and ends it afterwards; raises with its words when it does not get healthy."""
    port = free_port()
    started = time.monotonic()
    output = (home.parent / f"{home.name}.out").open("w+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment(home, port, **extra),
        stdout=output,
        stderr=output,
        text=True,
    )
    try:
        seconds = wait_until_healthy(port, process, started)
        output.seek(0)
        words = output.read()
        found = re.search(r"Password \(shown once\):\s+(\S+)", words)
        yield System(process, home, port, found[1] if found else "", seconds, extra)
    finally:
        process.terminate()
        process.wait(timeout=30)
        output.close()


def wait_until_healthy(port: int, process: subprocess.Popen[str], started: float, limit_seconds: float = 180) -> float:
    while time.monotonic() - started < limit_seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the system ended with exit code {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                if json.load(answer) == {"status": "ok"}:
                    return time.monotonic() - started
        except (URLError, HTTPError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"not healthy after {limit_seconds} s")
