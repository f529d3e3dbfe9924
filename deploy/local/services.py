"""Starts the services of docker-compose.yml in their order, and keeps them running as `restart:` asks."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from console.supervisor import Child, Supervisor
from deploy.local import ROOT, compose, postgres
from deploy.local.compose import Service
from deploy.local.errors import CannotRun
from deploy.local.machine import POSTGRES_DATA, Machine

COMPOSE_FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "deploy" / "example.env"
HEALTHY_SECONDS = 60
PREPARED_SECONDS = 120
STOP_SECONDS = 90.0  # a worker may have a chunk in hand, and the database must not be killed for its sake
# What the example leaves empty for its reader, and may be random.
RANDOM = ("ASSAY_SECRET_KEY", "ASSAY_ADMIN_PASSWORD", "POSTGRES_PASSWORD", "VALKEY_PASSWORD")


def make_variables(file: Path, address: str) -> None:
    """Writes the .env of an installation that is reached at `address` (host:port): deploy/example.env filled in."""
    given = compose.read_variables(EXAMPLE) | {name: secrets.token_hex(32) for name in RANDOM}
    given |= {"ASSAY_DOMAIN": address.partition(":")[0], "ASSAY_ORIGIN": f"http://{address}", "ASSAY_SSL_REDIRECT": "0"}
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))


class Services:
    """The services of one installation on this machine."""

    def __init__(self, machine: Machine, variables: Mapping[str, str], report: Callable[[str], None]) -> None:
        self._machine = machine
        self._services = compose.read(COMPOSE_FILE, variables)
        self._report = report

    def run(self) -> None:
        """Blocks until SIGTERM or Ctrl-C; every process has ended when it returns. Raises CannotRun."""
        keepers = [name for name in self._services if name not in {"prepare", "gpu-worker"}]
        first = [name for name in keepers if not self._services[name].needs]
        supervisor = Supervisor([child for name in first for child in self.children(name)], self._report, STOP_SECONDS)
        postgres.initialise(self._machine.folder / POSTGRES_DATA, self._services["postgres"].environment)
        try:
            for child in supervisor.children:
                child.start()
            for name in first:
                self.wait_until_healthy(name)
            self.prepare()
            supervisor.children += [child for name in keepers if name not in first for child in self.children(name)]
            supervisor.run()
        finally:
            supervisor.end()

    def children(self, name: str) -> list[Child]:
        """A process for each copy of a service."""
        service = self._services[name]
        return [self._child(service, number) for number in range(1, service.replicas + 1)]

    def prepare(self) -> None:
        """Runs the one-shot service to its end."""
        native = self._machine.translate(self._services["prepare"])
        ended = subprocess.run(  # noqa: S603  (our own command lines)
            native.command,
            env=native.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PREPARED_SECONDS,
        )
        if ended.returncode != 0:
            raise CannotRun(f"`prepare` failed: {ended.stderr.strip()}")
        self._report(ended.stdout.strip())

    def is_healthy(self, name: str, number: int = 1) -> bool:
        """What the service's health check says of one copy."""
        service = self._services[name]
        native = self._machine.translate(service, number)
        scratch = self._machine.scratch(name, number)
        check = [self._machine.rewrite(word, {"/tmp": scratch}) for word in service.health_check]  # noqa: S108
        ended = subprocess.run(check, env=native.environment, cwd=ROOT, capture_output=True, check=False)  # noqa: S603
        return ended.returncode == 0

    def wait_until_healthy(self, name: str, number: int = 1) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not self.is_healthy(name, number):
            if time.monotonic() > deadline:
                raise CannotRun(f"{name} does not get healthy; its words are in {self._log_of(name, number)}.")
            time.sleep(0.5)

    def _child(self, service: Service, number: int) -> Child:
        native = self._machine.translate(service, number)
        return Child(
            f"{service.name}-{number}",
            native.command,
            self._log_of(service.name, number),
            self._machine.folder if service.name == "postgres" else ROOT,
            environment=native.environment,
            user=native.user if os.geteuid() == 0 else None,
            stop_signal=signal.Signals[service.stop_signal],
        )

    def _log_of(self, name: str, number: int) -> Path:
        return self._machine.folder / "logs" / f"{name}-{number}.log"
