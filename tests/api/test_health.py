"""GET /health."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


def test_all_is_well(db: None) -> None:
    answer = Client().get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_database_that_cannot_be_read_is_told(db: None) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        answer = Client().get("/health")

    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_only_answers_questions(db: None, method: str) -> None:
    answer = getattr(Client(), method)("/health")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
