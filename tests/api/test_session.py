"""GET, POST and DELETE /api/v1/session."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.conftest import PASSWORD

URL = "/api/v1/session"
JSON = "application/json"


@pytest.fixture
def browser() -> Client:
    """As a browser behaves: cookies are kept and CSRF tokens are asked for."""
    return Client(enforce_csrf_checks=True)


def log_in(browser: Client, username: str = "ada", password: str = PASSWORD) -> int:
    return browser.post(URL, {"username": username, "password": password}, JSON).status_code


def test_nobody_is_logged_in_at_first_and_a_csrf_cookie_comes_along(browser: Client, db: None) -> None:
    answer = browser.get(URL)

    assert answer.json() == {"user": None}
    assert "csrftoken" in answer.cookies


def test_the_right_password_opens_a_session(browser: Client, owner: User) -> None:
    answer = browser.post(URL, {"username": "ada", "password": PASSWORD}, JSON)

    assert (answer.status_code, answer.json()) == (200, {"user": {"username": "ada", "is_staff": False}})
    assert browser.get(URL).json()["user"]["username"] == "ada"
    assert browser.get("/api/v1/batches").status_code == 200


def test_a_wrong_password_is_refused_with_a_code(browser: Client, owner: User) -> None:
    answer = browser.post(URL, {"username": "ada", "password": "wrong"}, JSON)

    assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")
    assert browser.get(URL).json() == {"user": None}


def test_after_five_wrong_passwords_even_the_right_one_waits(browser: Client, owner: User) -> None:
    assert [log_in(browser, password="wrong") for _ in range(5)] == [401] * 4 + [429]

    answer = browser.post(URL, {"username": "ada", "password": PASSWORD}, JSON)

    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 15 * 60


def test_a_form_of_another_site_cannot_log_anybody_in(browser: Client, owner: User) -> None:
    answer = browser.post(URL, {"username": "ada", "password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", ["{", "[]", '{"username": "ada"}', '{"username": [], "password": {}}'])
def test_a_body_that_makes_no_sense_is_named_so(browser: Client, owner: User, body: str) -> None:
    answer = browser.post(URL, body, JSON)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_logging_out_needs_the_csrf_token_of_the_session(browser: Client, owner: User) -> None:
    log_in(browser)

    refused = browser.delete(URL)
    ended = browser.delete(URL, headers={"X-CSRFToken": browser.cookies["csrftoken"].value})

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert ended.status_code == 204
    assert browser.get(URL).json() == {"user": None}
