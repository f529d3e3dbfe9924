"""Reads docker-compose.yml as `docker compose` does: variables filled in, each service as a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy.local.errors import CannotRun

# ${NAME}, ${NAME:-default}, ${NAME:?what to do} and $$, as the compose specification has them.
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z0-9_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """What a container of compose would be started with."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    mounts: Mapping[str, str]  # path in the container -> volume or file of the repository
    replicas: int
    health_check: Sequence[str]  # the command line; empty where there is none
    needs: Mapping[str, str]  # service -> condition
    stop_signal: str
    user: str
    profiles: Sequence[str] = field(default_factory=list)


def read(file: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """The services that start without a profile, and those with one. Raises CannotRun where a variable is missing."""
    content = yaml.safe_load(file.read_text())
    return {name: _service(name, _fill(entry, variables)) for name, entry in content["services"].items()}


def read_variables(file: Path) -> dict[str, str]:
    """NAME=value lines; empty lines and comments are left out. Raises CannotRun at any other."""
    lines = [line.strip() for line in file.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    for name, sign, _ in pairs:
        if not sign:
            raise CannotRun(f"{file}: the line {name!r} is not NAME=value.")
    return {name: value for name, _, value in pairs}


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its variables filled in; an empty one counts as missing, as `:-` and `:?` say."""

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        given = variables.get(found["name"], "")
        if not given and found["kind"] == "?":
            raise CannotRun(f"{found['name']} is missing: {found['rest']}.")
        return given or (found["rest"] if found["kind"] == "-" else "")

    return VARIABLE.sub(value, text)


def _fill(entry: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(entry, str):
        return fill(entry, variables)
    if isinstance(entry, dict):
        return {name: _fill(value, variables) for name, value in entry.items()}
    if isinstance(entry, list):
        return [_fill(value, variables) for value in entry]
    return entry


def _service(name: str, entry: Mapping[str, Any]) -> Service:
    mounts = dict(reversed(volume.split(":")[:2]) for volume in entry.get("volumes", []))
    return Service(
        name=name,
        command=entry["command"],
        environment=entry.get("environment", {}),
        mounts=mounts,
        replicas=int(entry.get("deploy", {}).get("replicas", 1)),
        health_check=_command_of(entry.get("healthcheck", {}).get("test", [])),
        needs={other: wanted["condition"] for other, wanted in entry.get("depends_on", {}).items()},
        stop_signal=entry.get("stop_signal", "SIGTERM"),
        user=entry["user"],
        profiles=entry.get("profiles", []),
    )


def _command_of(test: Sequence[str]) -> Sequence[str]:
    if not test:
        return []
    kind, *words = test
    return ["sh", "-c", *words] if kind == "CMD-SHELL" else words
