"""Several hosts: one is cut off with work in hand, and the other finishes everything, each image once."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from deploy.local import postgres
from deploy.local.machine import PORTS, POSTGRES_DATA, Machine
from tests.conftest import ROOT
from tests.deploy.installation import new_folder, services, wait_until
from tests.deploy.network import Network, network
from tests.workers.conftest import picture

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

IMAGES = 48
FAR = "worker@worker-2"
# Small chunks and short leases, so that a cut is soon noticed.
SETTINGS = {"ASSAY_CHUNK": "4", "ASSAY_LEASE_SECONDS": "6", "ASSAY_SWEEP_SECONDS": "1"}
FILL = """
import sys; sys.path[:0] = ['.', 'platform']
import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'
import django; django.setup()
from pathlib import Path
from django.contrib.auth.models import User
from batches import intake, store
contents = [file.read_bytes() for file in sorted(Path(sys.argv[1]).iterdir())]
uploads = [
    intake.Upload(store.receive([content], filename='face.jpg', max_bytes=10**7), 'JPEG', 96, 96)
    for content in contents
]
print(intake.accept(owner=User.objects.get(), uploads=uploads).batch.id)
"""
LOCK = """
import os, sys, psycopg
connection = psycopg.connect(os.environ['DATABASE_URL'])
connection.execute('SELECT id FROM batches_batch FOR UPDATE')
print('locked', flush=True)
sys.stdin.read()
"""


@dataclass
class Hosts:
    network: Network
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def machine(self, host: str) -> Machine:
        """All have one folder, as over a network file system; each sees the hub at an address of its own."""
        address = "0.0.0.0" if host == "hub" else self.network.address_of_hub(host)
        return Machine(self.folder, PORTS, host=address, sockets=self.folder / POSTGRES_DATA)

    def environment(self, host: str, number: int = 1) -> dict[str, str]:
        made = self.machine(host).translate(self.service("worker"), number).environment
        return {name: value.replace("@0.0.0.0:", "@127.0.0.1:") for name, value in made.items()} | SETTINGS

    def service(self, name: str) -> Any:
        return services(
            ASSAY_SSL_REDIRECT="0", ASSAY_SECRET_KEY="0123456789" * 5, ASSAY_ORIGIN="https://assay.example"
        )[name]

    def start(self, name: str, host: str, number: int = 1) -> None:
        native = self.machine(host).translate(self.service(name), number)
        environment = native.environment
        if name in {"worker", "beat"}:
            environment = self.environment(host, number)
        command = native.command
        if native.user:
            command = ["setpriv", f"--reuid={native.user}", f"--regid={native.user}", "--clear-groups", *command]
        with (self.folder / f"{name}-{host}.log").open("ab") as output:
            self.running[f"{name} {host}"] = subprocess.Popen(
                self.network.on(host, command),
                cwd=self.folder if name == "postgres" else ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )

    def run(self, host: str, *command: str) -> str:
        ended = subprocess.run(
            self.network.on(host, command),
            cwd=ROOT,
            env=self.environment(host) | {"ASSAY_ADMIN_PASSWORD": "f" * 40},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        login = f"host={self.folder / POSTGRES_DATA} user=assay password={'f' * 40} dbname=assay"
        with psycopg.connect(login) as connection:
            return connection.execute(sql).fetchall()

    def answers(self) -> bool:
        try:
            return self.query("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def suspend(self, name: str) -> None:
        psutil.Process(self.running[name].pid).suspend()

    def resume(self, name: str) -> None:
        psutil.Process(self.running[name].pid).resume()

    def fill(self, first_seed: int) -> str:
        """A batch of new images; returns its id."""
        images = self.folder / f"images-{first_seed}"
        images.mkdir()
        for seed in range(first_seed, first_seed + IMAGES):
            (images / f"{seed:06}.jpg").write_bytes(picture(seed))
        return self.run("hub", sys.executable, "-c", FILL, str(images)).splitlines()[-1]

    def left(self, batch: str) -> int:
        [(left,)] = self.query(f"SELECT waiting + running FROM batches_batch WHERE id = '{batch}'")
        return int(left)

    def held(self, owner: str) -> list[tuple[Any, ...]]:
        return self.query(f"SELECT id FROM batches_analysis WHERE state = 'running' AND lease_owner = '{owner}'")

    def end(self) -> None:
        for name, process in reversed(self.running.items()):
            if process.poll() is None:
                self.resume(name)
                process.kill() if "worker" in name else process.terminate()
        for process in self.running.values():
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("Network namespaces need root and iproute2.")
    with network() as cables, new_folder() as folder:
        folder.mkdir()
        made = Hosts(cables, folder)
        try:
            postgres.initialise(folder / POSTGRES_DATA, made.service("postgres").environment)
            made.start("postgres", "hub")
            made.start("valkey", "hub")
            wait_until(made.answers, "PostgreSQL answers")
            made.run("hub", sys.executable, "manage.py", "prepare")
            made.start("beat", "hub")
            yield made
        finally:
            made.end()


def test_the_other_host_finishes_what_a_host_that_was_cut_off_had_in_hand(hosts: Hosts) -> None:
    batch = hosts.fill(0)
    hosts.start("worker", "far", number=2)
    in_hand = _cut_with_work_in_hand(hosts)

    hosts.start("worker", "near", number=1)

    wait_until(lambda: hosts.left(batch) == 0, "the near host finishes everything")
    rows = hosts.query(f"SELECT * FROM batches_analysis WHERE batch_id = '{batch}' ORDER BY ordinal")
    [counts] = hosts.query(f"SELECT total, done, failed, quarantined FROM batches_batch WHERE id = '{batch}'")
    assert counts == (IMAGES, IMAGES, 0, 0)
    assert len(rows) == IMAGES
    ids = ", ".join(f"'{row[0]}'" for row in in_hand)
    assert hosts.query(f"SELECT DISTINCT attempts FROM batches_analysis WHERE id IN ({ids})") == [(2,)]

    # Back again, the far host brings what it had worked out; it is too late for that, but not for new work.
    hosts.suspend("worker near")
    hosts.network.mend("far")
    second = hosts.fill(IMAGES)
    wait_until(lambda: hosts.left(second) == 0, "the far host works again")
    hosts.resume("worker near")

    assert hosts.query(f"SELECT * FROM batches_analysis WHERE batch_id = '{batch}' ORDER BY ordinal") == rows
    assert hosts.query(f"SELECT done FROM batches_batch WHERE id = '{second}'") == [(IMAGES,)]


def test_a_host_that_is_cut_off_in_a_transaction_holds_the_others_up_for_seconds_only(hosts: Hosts) -> None:
    wait_until(lambda: "worker near" in hosts.running, "the first test started the workers", seconds=1)
    hosts.suspend("worker near")
    hosts.suspend("worker far")
    batch = hosts.fill(2 * IMAGES)
    lock = subprocess.Popen(
        hosts.network.on("far", [sys.executable, "-c", LOCK]),
        env=hosts.environment("far", 2),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert lock.stdout is not None
        assert lock.stdout.readline() == b"locked\n"
        hosts.network.cut("far")
        hosts.resume("worker near")

        # 20 s by idle_in_transaction_session_timeout; two hours by PostgreSQL's defaults.
        wait_until(lambda: hosts.left(batch) == 0, "the near host finishes everything")
    finally:
        lock.kill()
        lock.communicate()
        hosts.network.mend("far")
        hosts.resume("worker far")
    assert hosts.query(f"SELECT done FROM batches_batch WHERE id = '{batch}'") == [(IMAGES,)]


def _cut_with_work_in_hand(hosts: Hosts) -> list[tuple[Any, ...]]:
    """Takes the far host's cable out until it is seen to hold rows, and returns these."""
    deadline = time.monotonic() + 180
    while True:
        if hosts.held(FAR):
            hosts.network.cut("far")
            time.sleep(0.5)  # what was on its way has arrived
            if in_hand := hosts.held(FAR):
                return in_hand
            hosts.network.mend("far")
        assert time.monotonic() < deadline, "the far host never had work in hand"
        time.sleep(0.02)
