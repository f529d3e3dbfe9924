"""Permits reach the broker after the commit, are topped up when lost, and never hold anybody up."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import settings as configured
from django.db import transaction
from pytest_django import Settings

from batches import dispatch, intake
from console import broker
from tests.batches.conftest import Send

LANE = "interactive"


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    process = subprocess.Popen(broker.command(), stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(configured.BROKER_SOCKET))
    wait(lambda: can_reach(client))
    wait(dispatch._rings.empty)  # what tests without a broker rang for is sent only now
    time.sleep(0.3)
    client.flushall()
    yield client
    client.close()
    process.kill()
    process.wait()


def can_reach(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def wait(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("waiting", "permits"), [(0, 0), (1, 1), (64, 1), (65, 2), (50_000, 782)])
def test_one_permit_is_leave_for_one_chunk(waiting: int, permits: int) -> None:
    assert dispatch.permits_wanted(waiting) == permits


@pytest.mark.servers
def test_an_upload_sends_its_permits_and_only_lost_ones_are_sent_again(
    send: Send, server: redis.Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "DEFAULT_IMAGES", 16)  # a lane that no other test's late rings use
    settings.CHUNK = 6
    send(17)
    wait(lambda: dispatch.queued_permits("bulk") == 3)

    assert dispatch.top_up() == 0
    server.delete("bulk")
    assert dispatch.top_up() == 3
    assert dispatch.queued_permits("bulk") == 3


@pytest.mark.servers
def test_nothing_is_sent_for_an_upload_that_is_rolled_back(send: Send, server: redis.Redis) -> None:
    with transaction.atomic():
        send(17)
        transaction.set_rollback(True)

    dispatch.ring("bulk", 1)  # goes through the same queue, so the other would have come first
    wait(lambda: dispatch.queued_permits("bulk") == 1)
    assert dispatch.queued_permits("default") == 0


def test_without_a_broker_a_ring_returns_at_once_and_a_top_up_sends_nothing(send: Send, settings: Settings) -> None:
    settings.CHUNK = 1
    started = time.monotonic()
    send(3)
    for _ in range(200):
        dispatch.ring(LANE, 1)

    assert time.monotonic() - started < 2
    assert dispatch.top_up() == 0
