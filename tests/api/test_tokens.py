"""GET and POST /api/v1/tokens, DELETE /api/v1/tokens/{id}."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from tests.api.conftest import browser_of

URL = "/api/v1/tokens"
EVERYDAY = ["predict", "upload", "read"]


@pytest.fixture
def browser(owner: User) -> Client:
    return browser_of(owner)


def test_a_token_is_shown_once_and_works(browser: Client) -> None:
    answer = browser.post(URL, {"name": "script"}, "application/json")
    token = answer.json()["token"]

    listed = Client().get(URL, headers={"authorization": f"Bearer {token}"}).json()["results"]

    assert answer.status_code == 201
    assert [row["name"] for row in listed] == ["script"]
    assert token not in str(listed)
    assert set(listed[0]) == {"id", "name", "prefix", "created_at", "last_used_at", "expires_at", "scopes"}
    assert (listed[0]["scopes"], listed[0]["expires_at"]) == (EVERYDAY, None)


def test_a_revoked_token_opens_nothing(browser: Client) -> None:
    issued = browser.post(URL, {"name": "script"}, "application/json").json()

    assert browser.delete(f"{URL}/{issued['id']}").status_code == 204

    answer = Client().get(URL, headers={"authorization": f"Bearer {issued['token']}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_nobody_revokes_the_token_of_somebody_else(client: Client, stranger: User) -> None:
    token = ApiToken.objects.get()

    assert browser_of(stranger).delete(f"{URL}/{token.id}").status_code == 404
    assert client.get(URL).status_code == 200


def test_scopes_and_an_end_are_kept_as_asked_for(browser: Client) -> None:
    end = (timezone.now() + timedelta(days=30)).isoformat()
    wanted = {"name": "reader", "scopes": ["read", "predict", "read"], "expires_at": end}

    answer = browser.post(URL, wanted, "application/json").json()

    assert answer["scopes"] == ["predict", "read"]
    assert datetime.fromisoformat(answer["expires_at"]) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u202e"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_what_makes_no_token_is_named(browser: Client, wrong: dict[str, object], field: str) -> None:
    answer = browser.post(URL, {"name": "script"} | wrong, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] == field
    assert not ApiToken.objects.exists()


def test_a_name_is_shown_without_what_would_turn_it_round(browser: Client) -> None:
    answer = browser.post(URL, {"name": "in\u202etake\x07 script"}, "application/json")

    assert answer.json()["name"] == "intake script"
