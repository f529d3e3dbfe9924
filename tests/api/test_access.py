"""Nobody gets at anything of somebody else, at whatever address: every URL of the API is tried."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.models import ApiToken
from api.urls import urlpatterns
from batches.models import Analysis, Batch, Export
from tests.api.conftest import browser_of

OPEN = {"session", "schema", "health", "livez", "readyz", "predict", "dashboard"}
OPEN |= {"metrics"}  # by an own rule, with an own test
NO_KEY = r"\000" * 10
METHODS = ["get", "post", "put", "patch", "delete"]


def addresses() -> Iterator[tuple[str, str]]:
    for pattern in urlpatterns:
        if pattern.name not in OPEN:
            yield str(pattern.name), f"/{pattern.pattern}"


@pytest.fixture
def of_ada(client: Client, batch: Callable[..., Batch]) -> dict[str, str]:
    """The ids of what Ada has, by the name an address gives them."""
    return {
        "batch_id": str(batch(0.9).id),
        "analysis_id": str(Analysis.objects.get().id),
        "export_id": str(Export.objects.create(batch_id=Analysis.objects.get().batch_id, format="jsonl").id),
        "token_id": str(ApiToken.objects.get().id),
    }


def fill(address: str, ids: dict[str, str]) -> str:
    return re.sub(r"<uuid:(\w+)>", lambda match: ids[match[1]], address)


@pytest.mark.parametrize(("name", "address"), list(addresses()))
def test_without_a_login_every_address_answers_401(name: str, address: str, of_ada: dict[str, str]) -> None:
    for method in METHODS:
        answer = getattr(Client(), method)(fill(address, of_ada))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), method
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("name", "address"), [(name, address) for name, address in addresses() if "<uuid:" in address])
def test_what_belongs_to_somebody_else_is_not_there(
    name: str, address: str, of_ada: dict[str, str], stranger: User
) -> None:
    for method in METHODS:
        answer = getattr(browser_of(stranger), method)(fill(address, of_ada))
        assert answer.status_code in {404, 405}, method
        assert answer.json()["code"] in {"not_found", "method_not_allowed"}
    assert Batch.objects.count() == 1
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(("name", "address"), [(name, address) for name, address in addresses() if "<" not in address])
def test_lists_hold_nothing_of_somebody_else(name: str, address: str, of_ada: dict[str, str], stranger: User) -> None:
    text = browser_of(stranger).get(address).content.decode()

    assert not [owned for owned in of_ada.values() if owned in text]


def test_a_cookie_that_no_database_could_hold_is_no_error_of_ours(db: None) -> None:
    """Quoted and in octal a zero byte gets through."""
    answer = Client(raise_request_exception=False).get("/api/v1/batches", headers={"cookie": f'sessionid="{NO_KEY}"'})

    assert answer.status_code in {400, 401}
