"""Another model judges a batch again, or a choice of it; nothing of the old batch changes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from batches import claims, deletion, lifecycle, quotas, results, selectors
from batches.errors import BatchNotFound, NothingToRepeat
from batches.lifecycle import Choice
from batches.models import Analysis, Batch
from batches.selectors import Change, Comparison
from tests.batches.conftest import FAILED, SCORED, Send

OTHER = "other-12345678"
LANE = "interactive"
ROWS = ("fake", 0.9), ("real", 0.1), ("inconclusive", 0.5), ("fake", 0.8)
Judge = Callable[[list[tuple[str, float]]], None]


@pytest.fixture
def batch(send: Send) -> Batch:
    """Four results and a file that failed."""
    batch = send(5)
    judge(*ROWS, None)
    batch.refresh_from_db()
    return batch


def judge(*rows: tuple[str, float] | None) -> None:
    claim = claims.take(LANE, 10, owner="w1")
    outcomes = [replace(SCORED, verdict=row[0], fake_probability=row[1]) if row else FAILED for row in rows]
    assert results.record(claim, outcomes) == len(rows)


def test_it_is_a_new_batch_of_the_same_images_for_the_model_asked_for(batch: Batch) -> None:
    before = list(Analysis.objects.filter(batch=batch).order_by("id").values())

    made = lifecycle.repeat(batch, model_version=OTHER, choice=Choice())

    assert (made.owner, made.origin, made.model_version) == (batch.owner, batch, OTHER)
    assert made.name == f"{batch.name}, again with {OTHER}"
    assert (made.total, made.waiting, made.finished_at) == (4, 4, None)
    pairs = [(one.origin, one) for one in made.analyses.select_related("origin").order_by("ordinal")]
    assert [(old.image_id, old.filename) for old, _ in pairs if old] == [
        (new.image_id, new.filename) for _, new in pairs
    ]
    assert [new.ordinal for _, new in pairs] == [0, 1, 2, 3]
    assert list(Analysis.objects.filter(batch=batch).order_by("id").values()) == before
    assert claims.take(LANE, 10, owner="w1").by_model().keys() == {OTHER}


@pytest.mark.parametrize(
    ("choice", "verdicts"),
    [
        (Choice(verdicts=["fake"]), ["fake", "fake"]),
        (Choice(verdicts=["real", "inconclusive"]), ["real", "inconclusive"]),
        (Choice(min_probability=0.5), ["fake", "inconclusive", "fake"]),
        (Choice(max_probability=0.5), ["real", "inconclusive"]),
        (Choice(verdicts=["fake"], max_probability=0.85), ["fake"]),
    ],
)
def test_a_choice_takes_what_fits(batch: Batch, choice: Choice, verdicts: list[str]) -> None:
    made = lifecycle.repeat(batch, model_version=OTHER, choice=choice)

    assert list(made.analyses.order_by("ordinal").values_list("origin__verdict", flat=True)) == verdicts


def test_a_choice_that_nothing_fits_makes_no_batch(batch: Batch) -> None:
    with pytest.raises(NothingToRepeat):
        lifecycle.repeat(batch, model_version=OTHER, choice=Choice(min_probability=0.95))

    assert Batch.objects.count() == 1


def test_a_batch_that_is_deleted_meanwhile_is_not_repeated(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "check", lambda owner, images: deletion.delete(batch.id, by=None))

    with pytest.raises(BatchNotFound):
        lifecycle.repeat(batch, model_version=OTHER, choice=Choice())


def test_the_comparison_counts_what_the_other_model_changed(batch: Batch) -> None:
    made = lifecycle.repeat(batch, model_version=OTHER, choice=Choice())
    assert selectors.comparison_of(made) == Comparison(0, 0, [])
    judge(("fake", 0.95), ("fake", 0.9), ("inconclusive", 0.4), ("real", 0.2))

    found = selectors.comparison_of(made)

    assert (found.same, found.changed) == (2, 2)
    assert set(map(str, found.changes)) == set(map(str, [Change("real", "fake", 1), Change("fake", "real", 1)]))
    assert selectors.comparison_of(batch) == Comparison(0, 0, [])


def test_a_repeat_of_no_named_model_cannot_be_written(batch: Batch) -> None:
    made = lifecycle.repeat(batch, model_version=OTHER, choice=Choice())

    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(id=made.id).update(model_version="")
