"""Every waiting analysis is claimed by one worker at a time, fairly, and comes back when that worker dies."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from batches import claims, clock, intake, results
from batches.models import Analysis, Batch, Image
from tests.batches.conftest import SCORED, Send, anybody_waits_for_a_lock, receive, scored

LANE = "interactive"


def end_leases() -> None:
    Analysis.objects.filter(state="running").update(lease_until=Now() - timedelta(seconds=1))


def test_a_claim_leases_rows_and_moves_the_counters(send: Send) -> None:
    batch = send(3)

    claim = claims.take(LANE, 2, owner="w1")

    assert [analysis.ordinal for analysis in claim.analyses] == [0, 1]
    rows = list(Analysis.objects.filter(lease_token=claim.token))
    assert {(row.state, row.attempts, row.lease_owner) for row in rows} == {("running", 1, "w1")}
    assert all(row.lease_until and row.started_at and row.lease_until > row.started_at for row in rows)
    batch.refresh_from_db()
    assert (batch.waiting, batch.running) == (1, 2)
    assert batch.started_at


def test_an_empty_lane_gives_an_empty_claim(send: Send) -> None:
    send(1)

    assert claims.take("bulk", 10, owner="w1").analyses == []
    assert claims.take_alone(LANE, owner="w1").analyses == []


def test_batches_of_a_lane_share_the_workers(send: Send) -> None:
    long, short = send(10), send(2)

    batches = [analysis.batch_id for analysis in claims.take(LANE, 6, owner="w1").analyses]

    assert Counter(batches) == {long.id: 4, short.id: 2}


def test_many_workers_claim_and_finish_each_analysis_exactly_once(send: Send) -> None:
    """The batches share every chunk, so workers that locked them in different order would dead-lock."""
    for _ in range(10):
        send(16)

    def drain(name: str) -> list[object]:
        seen: list[object] = []
        try:
            while (claim := claims.take(LANE, 7, owner=name)).analyses:
                assert results.record(claim, list(scored(claim))) == len(claim.analyses)
                seen += [analysis.id for analysis in claim.analyses]
        finally:
            connections.close_all()
        return seen

    with ThreadPoolExecutor(6) as pool:
        claimed = [row for rows in pool.map(drain, "abcdef") for row in rows]

    assert len(claimed) == len(set(claimed)) == 160
    assert set(Analysis.objects.values_list("state", "attempts")) == {("done", 1)}
    assert set(Batch.objects.values_list("done", "fake", "waiting", "running")) == {(16, 16, 0, 0)}


def test_an_ended_lease_goes_back_and_a_running_one_stays(send: Send) -> None:
    batch = send(3)
    dead = claims.take(LANE, 2, owner="dead")
    end_leases()
    alive = claims.take(LANE, 1, owner="alive")

    assert claims.expire() == 2

    states = dict(Analysis.objects.values_list("id", "state"))
    assert {states[row.id] for row in dead.analyses} == {"waiting"}
    assert {states[row.id] for row in alive.analyses} == {"running"}
    batch.refresh_from_db()
    assert (batch.waiting, batch.running) == (2, 1)


def test_a_worker_that_starts_again_frees_what_it_held_but_nobody_elses(send: Send) -> None:
    send(2)
    claims.take(LANE, 1, owner="w1")
    claims.take(LANE, 1, owner="w2")

    assert claims.release("w1") == 1
    assert Analysis.objects.get(state="running").lease_owner == "w2"


def test_what_was_tried_before_is_claimed_alone(send: Send) -> None:
    send(3)
    claims.take(LANE, 2, owner="dead")
    claims.release("dead")

    assert [row.ordinal for row in claims.take(LANE, 10, owner="w1").analyses] == [2]
    assert [row.ordinal for row in claims.take_alone(LANE, owner="w1").analyses] == [0]


def test_a_claim_tells_which_model_each_batch_asks_for(send: Send) -> None:
    plain, asked = send(2), send(2)
    Batch.objects.filter(id=asked.id).update(model_version="other-12345678")

    groups = claims.take(LANE, 10, owner="w1").by_model()

    found = {version: {analysis.batch_id for analysis in analyses} for version, analyses in groups.items()}
    assert found == {"": {plain.id}, "other-12345678": {asked.id}}


def test_an_image_that_kills_its_worker_is_quarantined_and_hurts_nobody(send: Send) -> None:
    batch = send(4)
    poison = Analysis.objects.get(ordinal=1).id
    deaths = 0
    while True:
        claim = claims.take(LANE, 10, owner="w1")
        claim = claim if claim.analyses else claims.take_alone(LANE, owner="w1")
        if not claim.analyses:
            break
        if poison in [row.id for row in claim.analyses]:
            deaths += 1
            claims.release("w1")
        else:
            results.record(claim, list(scored(claim)))

    assert deaths == 3
    batch.refresh_from_db()
    assert (batch.done, batch.quarantined, batch.waiting, batch.running) == (3, 1, 0, 0)
    assert batch.finished_at
    assert Analysis.objects.get(state="quarantined").error_code == "worker_crashed"


def test_no_step_of_a_worker_walks_through_the_whole_table(owner: User, settings: Settings) -> None:
    first = intake.accept(owner=owner, uploads=[receive(b"face")]).batch
    image = Image.objects.get()
    batch = Batch.objects.create(owner=owner, name="long", lane="bulk", total=5000, waiting=5000)
    Analysis.objects.bulk_create(
        Analysis(batch=batch, image=image, ordinal=place, filename="x", lane="bulk") for place in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(
        connection,
    ) as captured:
        claim = claims.take("bulk", 64, owner="w1")
        results.record(claim, [SCORED] * 64)
        claims.take("bulk", 64, owner="w1")
        claims.release("w1")
        claims.take_alone("bulk", owner="w1")
        claims.expire()

    reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT") and "analysis" in query["sql"]]
    assert len(reads) == 7  # two of them by expire, which looks at the clock first
    for sql in reads:
        plan = explain(sql)
        assert "Seq Scan on batches_analysis" not in plan, sql
        assert "SCAN batches_analysis USING INDEX sqlite" not in plan, sql
        assert not plan.endswith("SCAN batches_analysis"), sql
    assert first.total == 1


def explain(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql.replace("%", "%%")
        )
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_a_claim_that_is_put_back_waits_as_if_nobody_had_taken_it(send: Send) -> None:
    batch = send(3)
    claim = claims.take(LANE, 2, owner="w1")

    claims.put_back(claim)
    claims.put_back(claim)

    assert set(Analysis.objects.values_list("state", "attempts", "lease_token", "lease_owner")) == {
        ("waiting", 0, None, "")
    }
    batch.refresh_from_db()
    assert (batch.waiting, batch.running) == (3, 0)
    assert len(claims.take(LANE, 10, owner="w2").analyses) == 3


def test_what_another_worker_took_meanwhile_is_not_put_back(send: Send) -> None:
    send(2)
    late = claims.take(LANE, 2, owner="w1")
    end_leases()
    claims.expire()
    claims.take_alone(LANE, owner="w2")

    claims.put_back(late)

    assert sorted(Analysis.objects.values_list("state", "attempts")) == [("running", 2), ("waiting", 1)]


def renew_all(_: claims.Claim) -> None:
    claims.expire()


@pytest.mark.postgres_only  # SQLite lets nobody write beside
@pytest.mark.parametrize("act", [claims.put_back, renew_all])
def test_leases_are_moved_beside_whoever_locks_the_same_rows(
    act: Callable[[claims.Claim], None], send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it not in the same order, each would hold what the other waits for."""
    batch = send(16)
    claim = claims.take(LANE, 16, owner="w1")
    monkeypatch.setattr(clock, "has_jumped", lambda now: True)
    rows = Analysis.objects.filter(batch=batch).order_by("id").select_for_update(no_key=True)

    def act_and_close() -> None:
        try:
            act(claim)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(rows[:1])
            acting = pool.submit(act_and_close)
            while not acting.done() and not anybody_waits_for_a_lock():
                time.sleep(0.01)
            list(rows)
        acting.result()

    assert len(set(Analysis.objects.values_list("state", "attempts"))) == 1
