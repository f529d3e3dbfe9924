"""A result is written once, whole, and only by whoever holds the lease."""

import logging
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now

from batches import claims, counters, results
from batches.models import Analysis
from tests.batches.conftest import FAILED, SCORED, Send, scored

LANE = "interactive"


def test_scores_and_failures_of_a_chunk_are_written_with_their_counters(send: Send) -> None:
    batch = send(3)
    claim = claims.take(LANE, 3, owner="w1")

    assert results.record(claim, [SCORED, FAILED, SCORED]) == 3

    done, failed, _ = Analysis.objects.order_by("ordinal")
    assert (done.state, done.verdict, done.fake_probability, done.map) == ("done", "fake", 0.9, [[0.5, -0.5]])
    assert (done.model_version, done.engine, done.decode_ms, done.forward_ms) == ("test-1", "litert-int8", 1.0, 2.0)
    assert (done.lease_token, done.lease_until, done.lease_owner, done.error_code) == (None, None, "", "")
    assert done.finished_at
    assert done.started_at
    assert done.finished_at >= done.started_at
    assert (failed.state, failed.verdict, failed.error_code) == ("failed", "", "truncated_image")
    batch.refresh_from_db()
    assert (batch.done, batch.fake, batch.failed, batch.running) == (2, 2, 1, 0)
    assert batch.finished_at


def test_a_result_keeps_its_strength(send: Send) -> None:
    send(1)
    ratio = {"value": 40.0, "low": 15.0, "high": 110.0}
    strong = replace(SCORED, strength="moderate_synthetic", likelihood_ratio=ratio)

    results.record(claims.take(LANE, 1, owner="w1"), [strong])

    row = Analysis.objects.get()
    assert (row.strength, row.likelihood_ratio, row.lean) == ("moderate_synthetic", ratio, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "not_assessed", "strength": "inconclusive"},
        {"likelihood_ratio": {"value": 1.0, "low": 0.5, "high": 2.0}},
        {"verdict": "fake", "lean": "synthetic"},
    ],
)
def test_the_database_refuses_a_strength_or_a_lean_where_none_can_be(send: Send, wrong: dict[str, Any]) -> None:
    send(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        results.record(claims.take(LANE, 1, owner="w1"), [replace(SCORED, **wrong)])


def test_inconclusive_results_of_before_lean_to_their_side_of_one_half(send: Send) -> None:
    send(3)
    before = [replace(SCORED, fake_probability=score, verdict="inconclusive") for score in (0.5, 0.49)]
    results.record(claims.take(LANE, 3, owner="w1"), [*before, SCORED])

    import_module("batches.migrations.0008_strength").find_leans(apps, None)

    assert [row.lean for row in Analysis.objects.order_by("ordinal")] == ["synthetic", "camera", ""]


def test_a_batch_is_finished_only_with_its_last_image(send: Send) -> None:
    batch = send(2)
    claim = claims.take(LANE, 1, owner="w1")
    results.record(claim, [SCORED])

    batch.refresh_from_db()
    assert batch.finished_at is None


def test_a_late_writer_changes_nothing_and_is_logged(send: Send, caplog: pytest.LogCaptureFixture) -> None:
    batch = send(1)
    slow = claims.take(LANE, 1, owner="slow")
    Analysis.objects.update(lease_until=Now() - timedelta(seconds=1))
    claims.expire()
    quick = claims.take_alone(LANE, owner="quick")

    with caplog.at_level(logging.WARNING, "batches.results"):
        assert results.record(slow, [FAILED]) == 0
    assert "1 results came after their lease" in caplog.text
    assert results.record(quick, [SCORED]) == 1
    assert results.record(slow, [FAILED]) == 0

    batch.refresh_from_db()
    assert (batch.done, batch.failed) == (1, 0)
    assert Analysis.objects.get().state == "done"


def test_writing_the_same_result_twice_changes_nothing(send: Send) -> None:
    batch = send(1)
    claim = claims.take(LANE, 1, owner="w1")

    assert [results.record(claim, list(scored(claim))) for _ in range(2)] == [1, 0]
    batch.refresh_from_db()
    assert batch.done == 1


def test_a_chunk_is_written_as_a_whole_or_not_at_all(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    send(2)
    claim = claims.take(LANE, 2, owner="w1")

    def break_down(_: object) -> None:
        raise OperationalError("the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr(counters, "move", break_down)
        with pytest.raises(OperationalError):
            results.record(claim, [SCORED, FAILED])

    assert set(Analysis.objects.values_list("state", flat=True)) == {"running"}
    assert results.record(claim, [SCORED, FAILED]) == 2
