"""GET /metrics: for this machine or for who has the token; never for everybody by default."""

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
ELSEWHERE = "203.0.113.9"


def status(address: str = "127.0.0.1", **headers: str) -> int:
    return Client(headers=headers).get("/metrics", REMOTE_ADDR=address).status_code


def test_this_machine_reads_it_and_others_do_not() -> None:
    assert status() == 200
    assert status(ELSEWHERE) == 401
    assert status(**{"X-Forwarded-For": ELSEWHERE}) == 401  # a proxy on this machine asks for somebody


def test_a_token_opens_it_from_anywhere(settings: Settings) -> None:
    settings.METRICS, settings.METRICS_TOKEN = "never", "s3cret"

    assert status(ELSEWHERE, authorization="Bearer s3cret") == 200
    assert status(ELSEWHERE, authorization="Bearer s3cre") == 401
    assert status() == 401


def test_without_a_token_set_an_empty_one_opens_nothing() -> None:
    assert status(ELSEWHERE, authorization="Bearer ") == 401


def test_requests_are_counted_by_route_and_never_by_path() -> None:
    Client().get("/api/v1/batches/6d0ec4a1-2f42-4b54-a1c0-0a5c9c1d6b7e")
    Client().get("/somewhere/9d1f")
    Client().generic("BREW", "/livez")

    answer = Client().get("/metrics")

    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert 'assay_http_requests_total{method="GET",process="web",route="batch",status="401"}' in text
    assert 'method="other",process="web",route="livez",status="405"' in text
    assert "9d1f" not in text
    assert 'assay_http_request_seconds_bucket{le="0.1",process="web",route="batch"}' in text


def test_requests_are_logged_once_with_their_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="api.middleware"):
        Client(headers={"X-Request-ID": "abc-1"}).get("/api/v1/batches")
        Client().get("/livez")

    (line,) = caplog.records
    assert line.getMessage().startswith("GET /api/v1/batches 401 in ")
