"""Every error has one shape, whoever raised it."""

import errno
import re

import pytest
from django.core import exceptions as core
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import Client, RequestFactory
from rest_framework import exceptions as rest

from accounts.errors import AccountError
from api import errors, problems
from batches.errors import BatchesError
from detector.errors import DetectorError
from registry.errors import RegistryError

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def leaves(root: type[Exception]) -> list[type[Exception]]:
    below = [leaf for kind in root.__subclasses__() for leaf in leaves(kind)]
    return below or [root]


OURS = [
    leaf
    for root in (errors.ApiError, AccountError, BatchesError, DetectorError, RegistryError)
    for leaf in leaves(root)
]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_each_error_of_ours_has_a_code_a_status_and_sentences(kind: type[Exception]) -> None:
    error = kind(60) if kind.__name__ == "TooManyAttempts" else kind()
    problem = problems.problem_of(error)
    assert problem is not None

    answer = problems.answer(RequestFactory().get("/"), problem)

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.status_code == problem.status >= 400
    assert re.fullmatch(r"[a-z][a-z_]+", problem.code)
    assert problem.title
    assert problem.detail.endswith(".")


def test_where_something_is_missing_it_says_when_to_come_back() -> None:
    kinds = [leaf for root in (BatchesError, DetectorError, RegistryError) for leaf in leaves(root)]
    answers = [problem for kind in kinds if (problem := problems.problem_of(kind())) and problem.status == 503]

    assert {"no_active_version", "storage_busy", "storage_away", "backlog_full"} < {one.code for one in answers}
    assert all("Retry-After" in answer.headers for answer in answers)


FOREIGN: list[tuple[Exception, int, str]] = [
    (Http404(), 404, "not_found"),
    (UnreadablePostError(), 400, "truncated_upload"),
    (MultiPartParserError(), 400, "invalid_request"),
    (core.PermissionDenied(), 403, "permission_denied"),
    (core.RequestDataTooBig(), 413, "body_too_large"),
    (core.TooManyFilesSent(), 400, "too_many_files"),
    (core.TooManyFieldsSent(), 400, "invalid_request"),
    (core.DisallowedHost(), 400, "unknown_host"),
    (rest.NotAuthenticated(), 401, "not_authenticated"),
    (rest.Throttled(wait=7), 429, "throttled"),
    (rest.ParseError(), 400, "invalid_request"),
    (OperationalError("server closed the connection"), 503, "database_busy"),
    (OSError(errno.ENOSPC, "No space left on device"), 507, "storage_full"),
]


@pytest.mark.parametrize(("error", "status", "code"), FOREIGN, ids=lambda value: type(value).__name__)
def test_errors_of_libraries_become_ours(error: Exception, status: int, code: str) -> None:
    problem = problems.problem_of(error)

    assert problem is not None
    assert (problem.status, problem.code) == (status, code)


@pytest.mark.parametrize("error", [ValueError("a mistake"), OSError(errno.EPERM, "x"), KeyError("x")])
def test_mistakes_of_ours_are_not_dressed_up(error: Exception) -> None:
    assert problems.problem_of(error) is None


def test_an_unforeseen_error_is_a_problem_without_a_word_about_the_inside(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from batches import selectors  # noqa: PLC0415  (what is broken on purpose)

    def fail(*_: object) -> None:
        raise ValueError("secret of the house")

    monkeypatch.setattr(selectors, "batches_of", fail)
    answer = client.get("/api/v1/batches")

    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert set(answer.json()) == MEMBERS
    assert b"secret" not in answer.content


def test_the_shape_and_the_request_id(db: None) -> None:
    answer = Client().get("/api/v1/batches", headers={"X-Request-ID": "abc-123"})

    assert set(answer.json()) == MEMBERS
    assert answer.json()["request_id"] == answer["X-Request-ID"] == "abc-123"
    assert answer.json()["type"] == "urn:assay:problem:not_authenticated"


@pytest.mark.parametrize("forged", ["a b", "a\nb", "x" * 65, "é", "<script>"])
def test_a_request_id_that_could_forge_a_log_line_is_replaced(db: None, forged: str) -> None:
    answer = Client().get("/health", HTTP_X_REQUEST_ID=forged)

    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])


def test_a_host_that_is_not_ours_is_refused_and_told_in_one_line(db: None, caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get("/api/v1/session", headers={"host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")
    assert "ASSAY_ALLOWED_HOSTS" in answer.json()["detail"]
    [told] = [record for record in caplog.records if "evil.example" in record.getMessage()]
    assert told.exc_info is None
