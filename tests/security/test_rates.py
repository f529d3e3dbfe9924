"""So many requests a minute, counted on a real Valkey; where it is down or hangs, nobody is kept out."""

import io
import logging
import pickle
import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings as installed
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import LoginFailure
from api import throttles
from config import env
from tests.api.conftest import PASSWORD, client_of, picture
from tests.security.conftest import Broker

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

FAR = "203.0.113.9"
BATCHES = "/api/v1/batches"


@pytest.fixture(autouse=True)
def clock(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """20 s into a minute, and it stays: none begins meanwhile."""
    clock = SimpleNamespace(time=lambda: 1_000_000_040.0, monotonic=time.monotonic)
    monkeypatch.setattr(throttles, "time", clock)
    monkeypatch.setattr(throttles, "_asked_again_at", 0.0)
    cache.clear()
    yield clock
    cache.close()


@pytest.fixture
def rates(settings: Settings) -> dict[str, int]:
    """Three of everything a minute."""
    rates = dict.fromkeys(installed.RATES, 3)
    settings.RATES = rates
    return rates


def read(client: Client, address: str = FAR) -> int:
    return client.get(BATCHES, REMOTE_ADDR=address).status_code


def predict(client: Client, address: str) -> int:
    return client.post("/predict", {"image": io.BytesIO(picture())}, REMOTE_ADDR=address).status_code


def log_in(username: str, address: str) -> int:
    body = {"username": username, "password": PASSWORD}
    return Client(REMOTE_ADDR=address).post("/api/v1/session", body, "application/json").status_code


def test_who_asks_too_often_is_told_when_to_come_back(rates: dict[str, int], client: Client, stranger: User) -> None:
    assert [read(client) for _ in range(3)] == [200] * 3

    answer = client.get(BATCHES, REMOTE_ADDR=FAR)

    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) == 40
    assert read(client_of(stranger)) == 200, "each user has a limit of their own"


def test_the_next_minute_begins_anew(rates: dict[str, int], client: Client, clock: SimpleNamespace) -> None:
    assert [read(client) for _ in range(4)][-1] == 429

    clock.time = lambda: 1_000_000_080.0

    assert read(client) == 200


def test_uploads_predictions_and_reads_are_counted_apart(
    rates: dict[str, int], client: Client, settings: Settings
) -> None:
    settings.PREDICT_ANONYMOUS = "always"
    assert [read(client) for _ in range(4)][-1] == 429

    sent = [client.post(BATCHES, {"images": io.BytesIO(picture())}, REMOTE_ADDR=FAR).status_code for _ in range(4)]
    judged = [predict(client, FAR) for _ in range(4)]
    by_nobody = [predict(Client(), FAR) for _ in range(4)]

    assert sent == [202, 202, 202, 429]
    assert judged == [200, 200, 200, 429]
    assert by_nobody == [200, 200, 200, 429], "who is nobody is counted by address"
    assert predict(Client(), "203.0.113.10") == 200


def test_logins_are_counted_by_address_whatever_the_name_and_from_this_machine_too(
    rates: dict[str, int], owner: User
) -> None:
    assert [log_in(f"nobody{number}", "127.0.0.1") for number in range(4)] == [401, 401, 401, 429]
    assert LoginFailure.objects.count() == 3
    assert log_in(owner.username, FAR) == 200


def test_this_machine_may_ask_as_often_as_it_likes(rates: dict[str, int], client: Client) -> None:
    assert {read(client, "127.0.0.1") for _ in range(10)} == {200}


def test_zero_lifts_a_limit(rates: dict[str, int], client: Client) -> None:
    rates["api"] = 0

    assert {read(client) for _ in range(10)} == {200}


def test_fifty_thousand_images_of_one_client_pass_under_the_limits_that_ship() -> None:
    """In requests of 100, all within one minute, with a status read after each; or 3,000 single ones."""
    requests = 50_000 // 100
    assert installed.RATES["upload"] >= 6 * requests
    assert installed.RATES["api"] >= 6 * requests


def test_the_count_is_kept_where_all_processes_see_it_and_does_not_stay(rates: dict[str, int], client: Client) -> None:
    read(client)
    beside = redis.Redis.from_url(str(installed.CACHES["default"]["LOCATION"]))

    (key,) = beside.keys("*rate:api:user:*")

    assert beside.get(key) == b"1"
    assert 0 < beside.ttl(key) <= 120


def test_where_the_broker_is_dead_everybody_comes_in_and_the_log_says_so_once(
    rates: dict[str, int], client: Client, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(client) == 200
    broker.kill()

    with caplog.at_level(logging.WARNING):
        answers = {read(client) for _ in range(10)}

    assert answers == {200}
    assert caplog.text.count("Requests are not counted") == 1


def test_it_counts_again_once_the_broker_is_back(
    rates: dict[str, int], client: Client, broker: Broker, clock: SimpleNamespace
) -> None:
    broker.kill()
    assert {read(client) for _ in range(5)} == {200}

    broker.start()
    clock.monotonic = lambda: time.monotonic() + throttles.PAUSE_SECONDS

    assert 429 in [read(client) for _ in range(6)]


def test_a_broker_that_hangs_costs_a_moment_once(rates: dict[str, int], client: Client, broker: Broker) -> None:
    broker.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        answers = {read(client) for _ in range(20)}
        seconds = time.monotonic() - started
    finally:
        broker.signal(signal.SIGCONT)
    assert answers == {200}
    assert seconds < 10, "0.5 s for the first request, not for each"


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('code from the cache was run')",))


def test_a_pickle_in_the_cache_is_never_opened() -> None:
    beside = redis.Redis.from_url(str(installed.CACHES["default"]["LOCATION"]))
    beside.set(cache.make_key("poisoned"), pickle.dumps(Bomb()))

    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        cache.get("poisoned")


@pytest.mark.parametrize(
    ("broker_url", "url"),
    [
        ("redis+socket:///run/assay/broker.sock", "unix:///run/assay/broker.sock?db=1"),
        ("redis+socket:///run/b.sock?virtual_host=3", "unix:///run/b.sock?db=4"),
        ("redis://valkey:6379", "redis://valkey:6379/1"),
        ("redis://:secret@valkey:6379/0", "redis://:secret@valkey:6379/1"),
        ("rediss://valkey:6379/15?ssl_cert_reqs=required", "rediss://valkey:6379/0?ssl_cert_reqs=required"),
    ],
)
def test_the_cache_lies_beside_the_broker_in_another_database(broker_url: str, url: str) -> None:
    assert env.cache("ASSAY_NOT_SET", broker_url)["LOCATION"] == url
