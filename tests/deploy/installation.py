"""An installation as docker-compose.yml has it, run by `python -m deploy.local`, and what a test asks of it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import psycopg

from deploy.local import compose
from deploy.local.services import COMPOSE_FILE
from tests.system import FORM_HEADERS, ROOT, form, free_port


@dataclass(frozen=True)
class Installation:
    process: subprocess.Popen[bytes]
    folder: Path
    port: int  # the proxy's

    def processes(self, *words: str) -> list[psutil.Process]:
        """The children whose command line holds all the words."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if all(word in " ".join(child.cmdline()) for word in words):
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    def environment(self) -> dict[str, str]:
        """What the web process was started with."""
        [web] = self.processes("manage.py web")
        return web.environ()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment()["DATABASE_URL"]) as connection:
            return connection.execute(sql).fetchall()

    def token(self) -> str:
        ended = subprocess.run(
            [sys.executable, "manage.py", "token", "admin", "--name", "tests"],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of the proxy's answer; an underscore in a header's name stands for a dash."""
        connection = HTTPConnection("localhost", self.port, timeout=120)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(content or b"{}")

    def answers(self) -> bool:
        assert self.process.poll() is None, "it ended by itself"
        try:
            return self.ask("GET", "/health")[0] == 200
        except OSError:
            return False  # the proxy is not there yet

    def send(self, token: str, images: list[bytes]) -> str:
        """Uploads a batch and returns its id."""
        authorization = {"Authorization": f"Bearer {token}"} | FORM_HEADERS
        status, _, answer = self.ask("POST", "/api/v1/batches", form("images", images), **authorization)
        assert status == 202, answer
        return str(answer["batch"]["id"])

    def batch(self, token: str, batch: str) -> dict[str, Any]:
        status, _, answer = self.ask("GET", f"/api/v1/batches/{batch}", Authorization=f"Bearer {token}")
        assert status == 200, answer
        return dict(answer)


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach: pytest's are closed to everybody but who runs it."""
    with tempfile.TemporaryDirectory(prefix="assay-installation-") as made:
        yield Path(made) / "local"


@contextmanager
def installed(folder: Path, **variables: str) -> Iterator[Installation]:
    """Starts everything in `folder` and ends it afterwards; raises with its words when it does not get healthy."""
    port = free_port()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DATABASE_", "BROKER_"))
    }
    output = folder.with_suffix(".out").open("w+b")
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "--folder", str(folder), "--port", str(port)],
        cwd=ROOT,
        env=kept | variables,
        stdout=output,
        stderr=output,
    )
    try:
        installation = Installation(process, folder, port)
        wait_until(installation.answers, "healthy", seconds=180)
        yield installation
    except BaseException:
        output.seek(0)
        print(output.read().decode())
        raise
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=120)
        output.close()


def services(**variables: str) -> dict[str, compose.Service]:
    """The compose file's services with every variable that must be given."""
    needed = ("ASSAY_SECRET_KEY", "ASSAY_DOMAIN", "ASSAY_ORIGIN", "ASSAY_ADMIN_PASSWORD", "POSTGRES_PASSWORD")
    given = dict.fromkeys((*needed, "VALKEY_PASSWORD"), "f" * 40)
    return compose.read(COMPOSE_FILE, given | variables)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.2)
