"""GET /api/v1/batches and /api/v1/batches/{id}."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from batches.models import Batch
from tests.api.conftest import client_of

URL = "/api/v1/batches"
MakeBatch = Callable[..., Batch]


def test_a_finished_batch_counts_states_and_verdicts(client: Client, batch: MakeBatch) -> None:
    made = batch(0.9, 0.1, 0.2, None)

    answer = client.get(f"{URL}/{made.id}").json()

    assert (answer["state"], answer["progress"], answer["total"]) == ("finished", 1.0, 4)
    assert {state: count for state, count in answer["counts"].items() if count} == {"done": 3, "failed": 1}
    assert answer["verdicts"] == {"fake": 1, "real": 2, "inconclusive": 0, "not_assessed": 0}


def test_a_running_batch_says_how_fast_and_how_long(client: Client, owner: User) -> None:
    made = Batch.objects.create(
        owner=owner, name="x", lane="bulk", total=100, waiting=70, running=5, done=25, real=25,
        started_at=timezone.now() - timedelta(seconds=10),
    )  # fmt: skip

    answer = client.get(f"{URL}/{made.id}").json()

    assert (answer["state"], answer["progress"], answer["finished_at"]) == ("running", 0.25, None)
    assert answer["images_per_second"] == pytest.approx(2.5, rel=0.1)
    assert answer["seconds_left"] == pytest.approx(30, rel=0.1)


def test_batches_are_listed_newest_first_page_by_page(client: Client, batch: MakeBatch) -> None:
    made = [batch(0.1, name=str(number)) for number in range(5)]
    Batch.objects.filter(id__in=[made[1].id, made[2].id]).update(created_at=made[1].created_at)  # a tie

    first = client.get(URL, {"limit": 2}).json()
    second = client.get(URL, {"limit": 2, "cursor": first["next_cursor"]}).json()
    third = client.get(URL, {"limit": 2, "cursor": second["next_cursor"]}).json()

    names = [row["name"] for page in (first, second, third) for row in page["results"]]
    assert (names[:2], sorted(names[2:4]), names[4:]) == (["4", "3"], ["1", "2"], ["0"])
    assert third["next_cursor"] is None


def test_nobody_sees_the_batch_of_somebody_else(client: Client, stranger: User, batch: MakeBatch) -> None:
    made = batch(0.9)
    other = client_of(stranger)

    assert other.get(URL).json() == {"next_cursor": None, "results": []}
    assert other.get(f"{URL}/{made.id}").json()["code"] == "not_found"
