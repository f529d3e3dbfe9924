"""A real broker for the tests that need one, and the API's people and folders."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from console import broker as broker_room
from tests.api.conftest import batch, client, folders, owner, stranger

__all__ = ["batch", "client", "folders", "owner", "stranger"]


class Broker:
    """A Valkey on the socket that the settings name."""

    process: "subprocess.Popen[bytes]"

    def start(self) -> None:
        socket = Path(settings.BROKER_SOCKET)
        socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(broker_room.command(), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not socket.exists():
            assert self.process.poll() is None, "the broker ended"
            assert time.monotonic() < deadline, "the broker did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    yield broker
    broker.kill()
