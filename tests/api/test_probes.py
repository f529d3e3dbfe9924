"""GET /livez and /readyz: is the process there, and can it take work."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from batches.models import Lane
from registry.models import ModelVersion
from status import broker, readiness
from status.beats import Pulse
from status.broker import BrokerState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_asked_at", float("-inf"))
    monkeypatch.setattr(readiness, "_is_migrated", False)


def refuse(*_: object) -> None:
    raise OperationalError("the server closed the connection unexpectedly")


def test_alive_asks_nobody() -> None:
    with connection.execute_wrapper(refuse):
        answer = Client().get("/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_without_broker_and_worker_is_degraded_but_takes_work(settings: Settings) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    checks = answer.json()["checks"]
    assert (checks["database"], checks["migrations"], checks["model"]) == ("ok", "ok", "ok")
    assert checks["broker"].startswith("does not answer")
    assert checks["worker"] == "none has been heard of lately"


def test_ready_with_all_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "ask", lambda: BrokerState(dict.fromkeys(Lane, 0), ""))
    Pulse().write("w1@here")

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_not_ready_without_the_database() -> None:
    with connection.execute_wrapper(refuse):
        answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.json()["checks"]["database"] == "does not answer"
    assert answer["Retry-After"]


def test_not_ready_before_all_migrations() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'status'")

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "1 to apply; run manage.py migrate"


def test_not_ready_without_a_model() -> None:
    ModelVersion.objects.update(state="available")

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["model"]) == (503, "no_active_version")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_only_answer_questions(path: str) -> None:
    answer = Client().post(path)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/health/", "/livez/", "/readyz/", "/metrics/", "/predict/"])
def test_a_slash_too_many_does_not_lead_to_the_dashboard(path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
