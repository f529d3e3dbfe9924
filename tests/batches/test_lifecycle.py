"""Batches can be paused, cancelled and sent round again, and whatever is done to them their counters add up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from batches import claims, intake, lifecycle, results
from batches.errors import BatchCancelled, BatchNotFound
from batches.models import Analysis, Batch, Image
from tests.batches.conftest import FAILED, SCORED, Send, receive, scored

pytestmark = pytest.mark.django_db(transaction=True)

LANE = "interactive"


def states_of(batch: Batch) -> list[str]:
    return list(Analysis.objects.filter(batch=batch).order_by("ordinal").values_list("state", flat=True))


def claim_all(owner: str = "w1") -> list[int]:
    claimed = claims.take(LANE, 100, owner=owner).analyses
    while alone := claims.take_alone(LANE, owner=owner).analyses:
        claimed += alone
    return sorted(row.ordinal for row in claimed)


def test_only_failures_wait_again_and_alone(send: Send) -> None:
    batch = send(3)
    claim = claims.take(LANE, 2, owner="w1")
    results.record(claim, [SCORED, FAILED])

    assert lifecycle.retry(Analysis.objects.filter(batch=batch)) == 1

    batch.refresh_from_db()
    assert (batch.waiting, batch.done, batch.failed, batch.finished_at) == (2, 1, 0, None)
    assert [row.ordinal for row in claims.take(LANE, 10, owner="w1").analyses] == [2]
    again = claims.take_alone(LANE, owner="w1")
    assert [row.ordinal for row in again.analyses] == [1]
    assert results.record(again, [SCORED]) == 1
    assert set(Analysis.objects.values_list("error_code", flat=True)) == {""}


def test_a_paused_batch_is_not_claimed_and_goes_on_when_resumed(send: Send) -> None:
    batch = send(4)
    running = claims.take(LANE, 1, owner="w1")

    paused = lifecycle.pause(batch.id)

    assert (paused.waiting, paused.paused, paused.running) == (0, 3, 1)
    assert claim_all() == []
    assert results.record(running, list(scored(running))) == 1  # what ran ends
    assert Batch.objects.get().finished_at is None
    assert lifecycle.pause(batch.id).paused_at == paused.paused_at  # the second time changes nothing

    resumed = lifecycle.resume(batch.id)

    assert (resumed.waiting, resumed.paused, resumed.done, resumed.paused_at) == (3, 0, 1, None)
    assert lifecycle.resume(batch.id).waiting == 3
    assert claim_all() == [1, 2, 3]


def test_a_pause_is_no_time_at_work(send: Send) -> None:
    batch = send(2)
    claims.take(LANE, 1, owner="w1")
    lifecycle.pause(batch.id)
    Batch.objects.update(started_at=Now() - timedelta(hours=3), paused_at=Now() - timedelta(hours=2))

    resumed = lifecycle.resume(batch.id)

    assert resumed.started_at
    assert timedelta(minutes=59) < timezone.now() - resumed.started_at < timedelta(minutes=90)


def test_a_pause_that_a_cancellation_ends_is_no_time_at_work_either(send: Send) -> None:
    batch = send(2)
    claim = claims.take(LANE, 1, owner="w1")
    results.record(claim, list(scored(claim)))
    lifecycle.pause(batch.id)
    Batch.objects.update(started_at=Now() - timedelta(hours=3), paused_at=Now() - timedelta(hours=2))

    assert hours_at_work(lifecycle.cancel(batch.id)) == pytest.approx(1, abs=0.1)


def test_a_batch_that_ended_in_its_pause_has_its_time_however_late_it_goes_on(send: Send) -> None:
    batch = end_in_its_pause(send(1))

    assert hours_at_work(lifecycle.resume(batch.id)) == pytest.approx(2, abs=0.1)


def test_a_retry_in_a_pause_counts_the_pause_from_then_on(send: Send) -> None:
    batch = end_in_its_pause(send(1))

    lifecycle.retry(Analysis.objects.filter(batch=batch))
    lifecycle.resume(batch.id)
    claim = claims.take_alone(LANE, owner="w1")
    results.record(claim, list(scored(claim)))

    assert hours_at_work(Batch.objects.get()) == pytest.approx(2, abs=0.1)


def end_in_its_pause(batch: Batch) -> Batch:
    """It began three hours ago, was paused an hour later, and its last image failed another hour later."""
    claim = claims.take(LANE, 1, owner="w1")
    lifecycle.pause(batch.id)
    results.record(claim, [FAILED])
    three, two, one = (Now() - timedelta(hours=hours) for hours in (3, 2, 1))
    Batch.objects.update(started_at=three, paused_at=two, finished_at=one)
    return batch


def hours_at_work(batch: Batch) -> float:
    assert batch.started_at
    assert batch.finished_at
    return (batch.finished_at - batch.started_at) / timedelta(hours=1)


def test_what_comes_into_a_paused_batch_is_paused_too(send: Send) -> None:
    batch = send(2)
    lifecycle.pause(batch.id)

    send(1, batch=batch)

    assert states_of(batch) == ["paused"] * 3
    assert claim_all() == []


def test_cancelling_stops_what_waits_keeps_what_is_done_and_lets_end_what_runs(send: Send) -> None:
    batch = send(5)
    done = claims.take(LANE, 1, owner="w1")
    results.record(done, list(scored(done)))
    running = claims.take(LANE, 1, owner="w1")

    cancelled = lifecycle.cancel(batch.id)

    assert states_of(batch) == ["done", "running", "cancelled", "cancelled", "cancelled"]
    assert (cancelled.done, cancelled.running, cancelled.cancelled, cancelled.finished_at) == (1, 1, 3, None)
    assert claim_all() == []
    assert results.record(running, list(scored(running))) == 1
    assert Batch.objects.get().finished_at
    assert lifecycle.cancel(batch.id).cancelled_at == cancelled.cancelled_at


def test_a_paused_batch_can_be_cancelled_and_a_finished_one_stays_finished(send: Send) -> None:
    paused, finished = send(2), send(1)
    lifecycle.pause(paused.id)
    claim = claims.take(LANE, 10, owner="w1")
    results.record(claim, list(scored(claim)))

    assert (lifecycle.cancel(paused.id).cancelled, lifecycle.cancel(finished.id).cancelled_at) == (2, None)
    assert lifecycle.pause(finished.id).paused_at is None
    for act in (lifecycle.pause, lifecycle.resume):
        with pytest.raises(BatchCancelled):
            act(paused.id)
        with pytest.raises(BatchNotFound):
            act(uuid4())


def test_nothing_comes_into_a_cancelled_batch(send: Send) -> None:
    batch = send(1)
    lifecycle.cancel(batch.id)

    with pytest.raises(BatchCancelled):
        send(1, batch=batch)

    assert Analysis.objects.count() == 1


@pytest.mark.parametrize(("act", "state"), [(lifecycle.pause, "paused"), (lifecycle.cancel, "cancelled")])
def test_what_a_dead_worker_held_does_not_wait_again_in_a_held_batch(send: Send, act: object, state: str) -> None:
    batch = send(2)
    claims.take(LANE, 2, owner="dead")
    assert callable(act)
    act(batch.id)

    assert claims.release("dead") == 2

    assert states_of(batch) == [state, state]
    assert claim_all() == []


def test_a_claim_that_was_rolled_back_during_a_pause_is_held_by_the_sweeper(send: Send) -> None:
    batch, other = send(2), send(1)
    lifecycle.pause(batch.id)
    # As a worker leaves it whose transaction ended without a commit while the pause went past its rows.
    Analysis.objects.filter(batch=batch, ordinal=0).update(state="waiting")
    Batch.objects.filter(id=batch.id).update(paused=1, waiting=1)

    assert lifecycle.settle() == 1

    assert states_of(batch) == ["paused", "paused"]
    assert states_of(other) == ["waiting"]
    assert lifecycle.settle() == 0


def test_retrying_all_takes_a_cancelled_batch_up_again_and_leaves_results_alone(send: Send) -> None:
    batch = send(4)
    claim = claims.take(LANE, 2, owner="w1")
    results.record(claim, [SCORED, FAILED])
    lifecycle.cancel(batch.id)

    assert lifecycle.retry(Analysis.objects.filter(batch=batch), states=lifecycle.WITHOUT_RESULT) == 3

    batch.refresh_from_db()
    assert (batch.done, batch.waiting, batch.cancelled, batch.cancelled_at) == (1, 3, 0, None)
    # What was never tried is claimed with others.
    assert [row.ordinal for row in claims.take(LANE, 10, owner="w1").analyses] == [2, 3]
    assert [row.ordinal for row in claims.take_alone(LANE, owner="w1").analyses] == [1]


def test_a_retry_in_a_paused_batch_waits_for_its_end(send: Send) -> None:
    batch = send(2)
    claim = claims.take(LANE, 1, owner="w1")
    results.record(claim, [FAILED])
    lifecycle.pause(batch.id)

    assert lifecycle.retry(Analysis.objects.filter(batch=batch)) == 1

    assert states_of(batch) == ["paused", "paused"]
    lifecycle.resume(batch.id)
    assert claim_all() == [0, 1]


def test_many_failures_are_sent_round_again_in_steps(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "STEP", 2)
    batch = send(5)
    claim = claims.take(LANE, 5, owner="w1")
    results.record(claim, [FAILED] * 5)

    assert lifecycle.retry(Analysis.objects.filter(batch=batch)) == 5
    assert lifecycle.retry(Analysis.objects.filter(batch=batch)) == 0
    assert Batch.objects.get().waiting == 5


def test_a_long_batch_is_cancelled_with_few_statements(owner: User, django_assert_max_num_queries: object) -> None:
    intake.accept(owner=owner, uploads=[receive(b"face")])
    batch = Batch.objects.create(owner=owner, name="long", lane="bulk", total=5000, waiting=5000)
    image = Image.objects.get()
    Analysis.objects.bulk_create(
        Analysis(batch=batch, image=image, ordinal=place, filename="x", lane="bulk") for place in range(5000)
    )

    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(12):
        assert lifecycle.cancel(batch.id).cancelled == 5000


def test_workers_claim_while_a_batch_is_paused_resumed_and_cancelled(send: Send) -> None:
    """Pausing locks the batch before its rows, claiming the rows before the batch: neither may wait for the other."""
    batches = [send(16) for _ in range(6)]

    def drain(name: str) -> int:
        count = 0
        try:
            while (claim := claims.take(LANE, 5, owner=name)).analyses:
                count += results.record(claim, list(scored(claim)))
        finally:
            connections.close_all()
        return count

    def interfere(batch: Batch) -> None:
        try:
            for _ in range(4):
                lifecycle.pause(batch.id)
                lifecycle.resume(batch.id)
            lifecycle.cancel(batch.id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        holding = [pool.submit(interfere, batch) for batch in batches[:3]]
        counts = [pool.submit(drain, name) for name in "abc"]
        for holder in holding:
            holder.result()
        for count in counts:
            count.result()
    drain("last")

    for batch in Batch.objects.all():
        states = states_of(batch)
        assert (batch.done, batch.cancelled) == (states.count("done"), states.count("cancelled"))
        assert (batch.waiting, batch.paused, batch.running, batch.done + batch.cancelled) == (0, 0, 0, 16)
