"""A result is written once, whole, and only by whoever holds the lease."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError
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
