"""Broker, web, workers and beat as processes of their own on the database of the tests, to be killed one by one."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import URLError
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from redis import Redis

from accounts import tokens
from batches.models import Analysis, Batch
from console import broker
from tests.faults import orders
from tests.system import FORM_HEADERS, ROOT, form, free_port
from tests.workers.conftest import picture

CHUNK, LEASE_SECONDS = 8, 12
ENDED = ("done", "failed", "quarantined", "cancelled")
_seeds = count(1_000_000)


def pictures(number: int) -> list[bytes]:
    """So many that were never sent before."""
    return [picture(next(_seeds)) for _ in range(number)]


@dataclass
class Answer:
    status: int
    content: dict[str, Any]
    seconds: float

    @property
    def batch(self) -> UUID:
        return UUID(self.content["batch"]["id"])

    @property
    def ids(self) -> list[UUID]:
        return [UUID(row["analysis"]) for row in self.content["accepted"]]


@dataclass
class Cluster:
    """Each of `running` by its name; what it says goes to a file of that name in `logs`."""

    logs: Path
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str, **extra: str) -> None:
        for name in names:
            self.start_command(name, self._command(name), **extra)

    def start_command(self, name: str, command: list[str], **extra: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as output:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(**extra), stdout=output, stderr=output
            )

    def _command(self, name: str) -> list[str]:
        celery = [sys.executable, "-m", "celery", "-A", "workers.app"]
        if name == "broker":
            return broker.command()
        if name == "web":
            return [sys.executable, "manage.py", "web", "--listen", f"127.0.0.1:{self.port}"]
        if name.startswith("beat"):
            return [*celery, "beat", "-s", str(self.logs / f"{name}-schedule")]
        return [*celery, "worker", "-Q", "interactive,default,bulk", "-n", f"{name}@test"]

    def environment(self, **extra: str) -> dict[str, str]:
        return (
            os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
                "ASSAY_TEST_NAME": str(connection.settings_dict["NAME"]),
                "ASSAY_FAULTS": os.environ["ASSAY_FAULTS"],
                "ASSAY_CHUNK": str(CHUNK),
                "ASSAY_LEASE_SECONDS": str(LEASE_SECONDS),
                "ASSAY_SWEEP_SECONDS": "1",
                "ASSAY_POLL_SECONDS": "2",
                "ASSAY_DECODE_SECONDS": "6",
                "ASSAY_BEAT_SECONDS": "1",
                "ASSAY_LOG_LEVEL": "INFO",
            }
            | extra
        )

    def kill(self, *names: str) -> None:
        for name in names:
            self.running[name].kill()
        for name in names:
            self.running.pop(name).wait()

    def signal(self, name: str, number: signal.Signals) -> None:
        self.running[name].send_signal(number)

    def terminate(self, name: str, seconds: float = 60) -> int:
        process = self.running.pop(name)
        process.terminate()
        return process.wait(timeout=seconds)

    def wait_for_exit(self, name: str, seconds: float = 120) -> int:
        code = self.running[name].wait(timeout=seconds)
        del self.running[name]
        return code

    def resume(self) -> None:
        """Nobody is stopped any more, and nothing is ordered."""
        orders.withdraw()
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)

    def heal(self) -> None:
        """Everything runs again as it should."""
        self.resume()
        for name, process in list(self.running.items()):
            if process.poll() is not None or name not in {"broker", "web", "worker", "beat"}:
                process.kill()
                process.wait()
                del self.running[name]
        self.start(*(name for name in ("broker", "web", "worker", "beat") if name not in self.running))
        self.wait_until_web_answers()

    def end(self) -> None:
        self.resume()
        for name in set(self.running) - {"broker"}:
            self.running[name].terminate()
        for name in sorted(self.running, key=lambda name: name == "broker"):
            process = self.running.pop(name)
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise

    def wait_until_web_answers(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=30):
                    return
            except (URLError, OSError):
                assert self.running["web"].poll() is None, self.log("web")[-2000:]
                assert time.monotonic() < deadline, "the web process does not answer"
                time.sleep(0.1)

    def readiness(self) -> dict[str, str]:
        """What /readyz says of each part."""
        link = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            link.request("GET", "/readyz")
            checks: dict[str, str] = json.loads(link.getresponse().read())["checks"]
        finally:
            link.close()
        return checks

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    # --- a client -----------------------------------------------------------------------------------------

    def token(self) -> str:
        owner, _ = User.objects.get_or_create(username="ada")
        return tokens.issue(owner, "tests").text

    def post(self, images: Sequence[bytes], *, token: str = "", **headers: str) -> Answer:
        """An upload; raises OSError or HTTPException where the connection breaks."""
        token = token or self.token()
        started = time.monotonic()
        link = HTTPConnection("127.0.0.1", self.port, timeout=120)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            link.request(
                "POST",
                "/api/v1/batches",
                form("images", images),
                {"Authorization": f"Bearer {token}"} | FORM_HEADERS | names,
            )
            answer = link.getresponse()
            content = json.loads(answer.read())
        finally:
            link.close()
        return Answer(answer.status, content, time.monotonic() - started)

    def send(self, number: int = 24) -> Answer:
        """So many new pictures, acknowledged."""
        answer = self.post(pictures(number))
        assert answer.status == 202, answer.content
        assert len(answer.ids) == number
        return answer

    # --- the oracle ---------------------------------------------------------------------------------------

    def wait_for(self, *sent: Answer, seconds: float = 240) -> None:
        """Until all that was acknowledged has ended; says where each is when it does not."""
        deadline = time.monotonic() + seconds
        while (rest := self.unfinished(*sent)).exists():
            assert time.monotonic() < deadline, list(rest.values_list("state", "attempts", "lease_owner")[:50])
            time.sleep(0.1)

    def unfinished(self, *sent: Answer) -> Any:
        return Analysis.objects.filter(id__in=[id for answer in sent for id in answer.ids]).exclude(state__in=ENDED)

    def wait_until_running(self, *, worker: str = "worker", seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not Analysis.objects.filter(state="running", lease_owner=f"{worker}@test").exists():
            assert time.monotonic() < deadline, f"{worker} took nothing"
            time.sleep(0.01)

    def hold(self, name: str, *, most_attempts: int = 1) -> None:
        """Stops a worker that has something in hand which was never in a dead worker's hand more often than that."""
        deadline = time.monotonic() + 60
        while True:
            self.signal(name, signal.SIGSTOP)
            held = Analysis.objects.filter(state="running", lease_owner=f"{name}@test")
            attempts = list(held.values_list("attempts", flat=True))
            if attempts and max(attempts) <= most_attempts and self._is_free(held):
                return
            self.signal(name, signal.SIGCONT)
            assert time.monotonic() < deadline, f"{name} took nothing"
            time.sleep(0.01)

    def most_attempts_of(self, name: str) -> int:
        """Of what a worker has in hand; 0 when that is nothing."""
        held = Analysis.objects.filter(state="running", lease_owner=f"{name}@test")
        return max(held.values_list("attempts", flat=True), default=0)

    def _is_free(self, rows: Any) -> bool:
        """Whether the stopped worker is outside a transaction: else it would stop the others too."""
        try:
            with transaction.atomic():  # on SQLite this takes the only lock there is
                list(rows.select_for_update(nowait=True))
        except OperationalError:
            return False
        return True

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, is_so
            time.sleep(0.2)

    def wait_for_words(self, name: str, words: str, seconds: float = 120) -> None:
        """Until a process has written them to its log."""
        self.wait_until(lambda: words in self.log(name), seconds)


def client() -> Redis:
    """Straight to the broker."""
    return Redis(unix_socket_path=str(settings.BROKER_SOCKET))


def check(*sent: Answer, codes: dict[str, int] | None = None) -> None:
    """The oracle: what was acknowledged has its row, each ended once, as `codes` says for those that did not end with
    a verdict, the counters agree with the rows, and no upload left anything on its way in."""
    for answer in sent:
        rows = list(Analysis.objects.filter(batch_id=answer.batch).order_by("ordinal"))
        assert [row.id for row in rows] == answer.ids
        assert len({row.ordinal for row in rows}) == len(rows)
        assert all((row.state == "done") == bool(row.verdict and row.model_version) for row in rows)
        assert all(row.lease_token is None and row.finished_at for row in rows)
        batch = Batch.objects.get(id=answer.batch)
        states = [row.state for row in rows]
        kept = {state: getattr(batch, state) for state in ("waiting", "running", *ENDED)}
        assert kept == {state: states.count(state) for state in kept}
        assert batch.finished_at
    found: dict[str, int] = {}
    for code in Analysis.objects.filter(batch_id__in=[answer.batch for answer in sent]).exclude(error_code=""):
        found[code.error_code] = found.get(code.error_code, 0) + 1
    assert found == (codes or {})
    assert not list(settings.INCOMING.glob("*.part"))
