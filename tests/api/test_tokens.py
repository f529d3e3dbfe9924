"""GET and POST /api/v1/tokens, DELETE /api/v1/tokens/{id}."""

from django.contrib.auth.models import User
from django.test import Client

from accounts.models import ApiToken
from tests.api.conftest import client_of

URL = "/api/v1/tokens"


def test_a_token_is_shown_once_and_works(client: Client) -> None:
    answer = client.post(URL, {"name": "script"}, "application/json")
    token = answer.json()["token"]

    listed = Client().get(URL, headers={"authorization": f"Bearer {token}"}).json()["results"]

    assert answer.status_code == 201
    assert [row["name"] for row in listed] == ["script", "test"]
    assert token not in str(listed)
    assert set(listed[0]) == {"id", "name", "prefix", "created_at", "last_used_at"}


def test_a_revoked_token_opens_nothing(client: Client) -> None:
    issued = client.post(URL, {"name": "script"}, "application/json").json()

    assert client.delete(f"{URL}/{issued['id']}").status_code == 204

    answer = Client().get(URL, headers={"authorization": f"Bearer {issued['token']}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_nobody_revokes_the_token_of_somebody_else(client: Client, stranger: User) -> None:
    token = ApiToken.objects.get()

    assert client_of(stranger).delete(f"{URL}/{token.id}").status_code == 404
    assert client.get(URL).status_code == 200


def test_a_token_needs_a_name(client: Client) -> None:
    answer = client.post(URL, {"name": ""}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] == "name"
