"""POST /api/v1/batches/{id}/reanalyse and GET /api/v1/batches/{id}/comparison."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from batches.models import Analysis, Batch
from registry import versions
from tests.registry import samples

URL = "/api/v1/batches"
MakeBatch = Callable[..., Batch]


@pytest.fixture
def other(tmp_path: Path, db: None) -> str:
    samples.make(tmp_path / "bundle")
    return versions.take_in(tmp_path / "bundle", by=None).version


def ask(client: Client, batch: Batch, **wanted: Any) -> Any:
    return client.post(f"{URL}/{batch.id}/reanalyse", wanted, "application/json")


def test_the_answer_is_a_new_batch_that_knows_its_origin(client: Client, batch: MakeBatch, other: str) -> None:
    old = batch(0.9, 0.1, 0.7, None)

    answer = ask(client, old, model_version=other, verdicts=["fake"], min_probability=0.8)

    made = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, f"{URL}/{made['id']}")
    assert (made["origin"], made["model_version"], made["total"]) == (str(old.id), other, 1)
    plain = client.get(f"{URL}/{old.id}").json()
    assert (plain["origin"], plain["model_version"], plain["total"]) == (None, None, 4)


def test_old_and_new_results_point_to_each_other(client: Client, batch: MakeBatch, other: str) -> None:
    old = batch(0.9).analyses.get()
    ask(client, old.batch, model_version=other)
    new = Analysis.objects.exclude(id=old.id).get()

    seen = [client.get(f"/api/v1/analyses/{one.id}").json() for one in (old, new)]

    assert [(one["origin"], one["repeats"]) for one in seen] == [(None, [str(new.id)]), (str(old.id), [])]


def test_the_comparison_counts_verdicts_that_changed(client: Client, batch: MakeBatch, other: str) -> None:
    old = batch(0.9, 0.1)
    made = ask(client, old, model_version=other).json()["id"]
    fields = {"state": "done", "verdict": "fake", "model_version": other, "fake_probability": 1.0}
    Analysis.objects.filter(batch=made).update(**fields)

    answer = client.get(f"{URL}/{made}/comparison").json()

    assert answer == {"same": 1, "changed": 1, "changes": [{"before": "real", "after": "fake", "count": 1}]}
    assert client.get(f"{URL}/{old.id}/comparison").json() == {"same": 0, "changed": 0, "changes": []}


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"model_version": "nobody-12345678"}, 404, "version_not_found"),
        ({"model_version": "OTHER", "verdicts": ["maybe"]}, 400, "invalid_request"),
        ({"model_version": "OTHER", "min_probability": 1.5}, 400, "invalid_request"),
        ({"model_version": "OTHER", "min_probability": 0.95}, 422, "nothing_to_repeat"),
    ],
)
def test_what_cannot_be_done_is_named(
    client: Client, batch: MakeBatch, other: str, wanted: dict[str, Any], status: int, code: str
) -> None:
    made = batch(0.9)
    if wanted.get("model_version") == "OTHER":
        wanted = wanted | {"model_version": other}

    answer = ask(client, made, **wanted)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Batch.objects.count() == 1
