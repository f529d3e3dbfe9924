"""A token does what it was made for and nothing else, at whatever address: every URL of the API is tried."""

import io
import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts import tokens
from accounts.models import ApiToken, Scope
from tests.api.conftest import picture
from tests.api.test_access import OPEN, addresses

ADDRESSES = list(addresses())
CHANGING = ["post", "put", "patch", "delete"]


def client_with(user: User, *scopes: Scope) -> Client:
    text = tokens.issue(user, "narrow", scopes).text
    return Client(headers={"authorization": f"Bearer {text}"}, raise_request_exception=False)


def fill(address: str) -> str:
    return re.sub(r"<\w+:\w+>", lambda _: str(uuid4()), address)


def answers(client: Client, method: str, address: str) -> tuple[int, str]:
    answer = getattr(client, method)(fill(address))
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_without_the_scope_to_read_no_address_is_read(name: str, address: str, owner: User) -> None:
    client = client_with(owner, Scope.PREDICT, Scope.UPLOAD, Scope.MODELS)

    assert answers(client, "get", address) in {(403, "scope_missing"), (405, "method_not_allowed")}
    assert client.head(fill(address)).status_code in {403, 405}


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_with_the_scope_to_read_alone_nothing_is_changed(name: str, address: str, owner: User) -> None:
    User.objects.update(is_staff=True)
    client = client_with(owner, Scope.READ, Scope.PREDICT)

    for method in CHANGING:
        status, code = answers(client, method, address)
        assert (status, code) in {(403, "scope_missing"), (405, "method_not_allowed")}, method


@pytest.mark.parametrize(("name", "address"), [pair for pair in ADDRESSES if pair[0].startswith("model")])
def test_who_sends_images_does_not_choose_the_model(name: str, address: str, owner: User) -> None:
    User.objects.update(is_staff=True)

    for method in CHANGING:
        assert answers(client_with(owner, *tokens.EVERYDAY), method, address)[0] in {403, 405}


@pytest.mark.parametrize(("name", "address"), [pair for pair in ADDRESSES if pair[0].startswith("token")])
def test_no_token_makes_or_ends_another(name: str, address: str, owner: User) -> None:
    for method in CHANGING:
        status, code = answers(client_with(owner, *Scope), method, address)
        assert (status, code) in {(403, "scope_missing"), (405, "method_not_allowed")}, method
    assert not ApiToken.objects.exclude(revoked_at=None).exists()


def test_one_image_is_judged_only_with_the_scope_to_predict(owner: User) -> None:
    def judge(*scopes: Scope) -> int:
        client = client_with(owner, *scopes)
        return client.post("/predict", {"image": io.BytesIO(picture())}).status_code

    assert judge(Scope.PREDICT) == 200
    assert judge(Scope.UPLOAD, Scope.READ, Scope.MODELS) == 403


def test_images_are_sent_with_the_scope_to_upload_and_read_with_the_one_to_read(owner: User, client: Client) -> None:
    sender, reader = client_with(owner, Scope.UPLOAD), client_with(owner, Scope.READ)

    sent = sender.post("/api/v1/batches", {"images": io.BytesIO(picture())})

    assert sent.status_code == 202
    assert sender.get(sent["Location"]).json()["code"] == "scope_missing"
    assert reader.get(sent["Location"]).json()["total"] == 1


def test_the_answer_names_the_scope_that_is_missing(owner: User) -> None:
    answer = client_with(owner, Scope.PREDICT).get("/api/v1/batches")

    assert "`read`" in answer.json()["detail"]


def test_every_address_that_needs_a_login_is_walked() -> None:
    assert len(ADDRESSES) >= 18
    assert not {name for name, _ in ADDRESSES} & OPEN


def test_a_secret_scanner_recognises_a_token(owner: User) -> None:
    """The form to give to scanners, in docs/security.md."""
    assert re.fullmatch(r"assay_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", tokens.issue(owner, "script").text)
