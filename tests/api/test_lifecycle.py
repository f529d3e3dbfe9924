"""POST /api/v1/batches/{id}/pause, /resume, /cancel, /retry, DELETE /api/v1/batches/{id}, /api/v1/deletions."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from batches import claims, deletion, dispatch, results
from batches.models import Analysis, Batch
from tests.api.conftest import client_of, picture, upload
from tests.batches.conftest import FAILED, SCORED

URL = "/api/v1/batches"
JSON = "application/json"
ACTS = ["pause", "resume", "cancel", "retry"]
MakeBatch = Callable[..., Batch]


@pytest.fixture
def sent(client: Client) -> str:
    """The address of a batch of three images, the first judged and the second failed."""
    answer = upload(client, [(f"{colour}.jpg", picture(colour)) for colour in ("red", "green", "blue")])
    results.record(claims.take("interactive", 2, owner="w1"), [SCORED, FAILED])
    return f"{URL}/{answer.json()['batch']['id']}"


def test_a_batch_is_paused_and_resumed(client: Client, sent: str) -> None:
    paused = client.post(f"{sent}/pause").json()
    again = client.post(f"{sent}/pause")
    resumed = client.post(f"{sent}/resume").json()

    assert (paused["state"], paused["counts"]["paused"], paused["queue"]) == ("paused", 1, None)
    assert (paused["finished_at"], paused["seconds_left"], again.status_code) == (None, None, 200)
    assert (resumed["state"], resumed["counts"]["waiting"]) == ("running", 1)
    assert resumed["queue"] == {"lane": "interactive", "place": 1, "waiting": 1}


def test_a_cancelled_batch_keeps_what_is_done_and_takes_no_more(client: Client, sent: str) -> None:
    cancelled = client.post(f"{sent}/cancel").json()

    assert (cancelled["state"], cancelled["progress"]) == ("cancelled", 1.0)
    assert cancelled["counts"] == {
        "waiting": 0, "paused": 0, "running": 0, "done": 1, "failed": 1, "quarantined": 0, "cancelled": 1,
    }  # fmt: skip
    assert client.post(f"{sent}/cancel").status_code == 200
    for refused in (client.post(f"{sent}/pause"), upload(client, [("x.jpg", picture("pink"))], url=f"{sent}/images")):
        assert (refused.status_code, refused.json()["code"]) == (409, "batch_cancelled")


@pytest.mark.parametrize(("body", "waiting"), [({}, 1), ({"which": "failed"}, 1), ({"which": "all"}, 2)])
def test_a_retry_takes_what_failed_or_everything_without_a_result(
    client: Client, sent: str, body: dict[str, str], waiting: int
) -> None:
    client.post(f"{sent}/cancel")

    answer = client.post(f"{sent}/retry", body, content_type="application/json").json()

    assert (answer["counts"]["waiting"], answer["counts"]["done"], answer["state"]) == (waiting, 1, "running")


def test_one_quarantined_image_is_found_and_retried(client: Client, stranger: User, sent: str) -> None:
    Analysis.objects.filter(state="failed").update(state="quarantined", error_code="worker_crashed")
    Batch.objects.update(failed=0, quarantined=1)
    [row] = client.get("/api/v1/analyses", {"batch": sent.rpartition("/")[2], "state": "quarantined"}).json()["results"]
    assert row["error"]["code"] == "worker_crashed"
    address = f"/api/v1/analyses/{row['id']}/retry"

    assert client_of(stranger).post(address).status_code == 404
    assert client.post(address).json()["state"] == "waiting"
    assert client.post(address).json()["state"] == "waiting"  # again changes nothing
    assert client.get(sent).json()["counts"]["quarantined"] == 0


def test_a_deleted_batch_leaves_a_receipt_that_is_the_same_each_time(
    client: Client, owner: User, stranger: User, sent: str
) -> None:
    receipt = client.delete(sent)

    assert receipt.status_code == 200
    assert receipt.json()["batch"] == sent.rpartition("/")[2]
    assert (receipt.json()["analyses"], receipt.json()["files"], receipt.json()["deleted_by"]) == (3, 3, owner.username)
    assert client.get(sent).status_code == 404
    assert client.delete(sent).json() == receipt.json()
    assert client.get("/api/v1/deletions").json() == {"next_cursor": None, "results": [receipt.json()]}
    assert client_of(stranger).get("/api/v1/deletions").json()["results"] == []
    assert client_of(stranger).delete(sent).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_nobody_touches_the_batch_of_somebody_else(client: Client, stranger: User, sent: str, act: str) -> None:
    before = client.get(sent).json()

    for address in (sent, f"{URL}/{uuid4()}"):
        answer = client_of(stranger).post(f"{address}/{act}", {}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client_of(stranger).delete(sent).status_code == 404
    assert client.get(sent).json()["counts"] == before["counts"]


@pytest.mark.parametrize("which", ["everything", 7, None])
def test_an_unknown_choice_is_named(client: Client, sent: str, which: object) -> None:
    answer = client.post(f"{sent}/retry", {"which": which}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] == "which"


def test_what_is_retried_counts_like_an_upload(client: Client, sent: str, settings: Settings) -> None:
    """The third image waits; the second failed and would be one too many."""
    settings.MAX_WAITING_IMAGES = 1
    failed = Analysis.objects.get(state="failed")

    answers = [client.post(f"{sent}/retry", content_type=JSON), client.post(f"/api/v1/analyses/{failed.id}/retry")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(429, "quota_exceeded")}
    assert Analysis.objects.filter(state="failed").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["resume", "retry"])
def test_a_batch_that_goes_before_the_answer_is_not_found(
    act: str, client: Client, sent: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    if act == "resume":
        client.post(f"{sent}/pause")
    # After the commit and before the batch is read again, permits are rung for.
    monkeypatch.setattr(dispatch, "ring", lambda lane, images: deletion.delete(Batch.objects.get().id, by=owner))

    answer = client.post(f"{sent}/{act}", content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
