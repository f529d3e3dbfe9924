"""What waits in each lane, and which image has waited longest, without reading every row."""

from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from batches import claims, results
from batches.models import Analysis, Batch
from status import selectors
from tests.batches.conftest import scored
from tests.status.conftest import SendFiles


def age(batch: Batch, hours: float) -> None:
    Batch.objects.filter(id=batch.id).update(created_at=F("created_at") - timedelta(hours=hours))
    Analysis.objects.filter(batch=batch).update(created_at=F("created_at") - timedelta(hours=hours))


def test_lanes_tell_what_waits_and_since_when(send: SendFiles) -> None:
    old, young = send(3), send(2)
    age(old, 2)

    lanes = {state.lane: state for state in selectors.lanes()}

    assert (lanes["interactive"].waiting, lanes["default"].waiting, lanes["bulk"].waiting) == (5, 0, 0)
    oldest = lanes["interactive"].oldest
    assert oldest
    assert (oldest.batch_id, oldest.filename) == (old.id, "face.jpg")
    assert 7200 <= lanes["interactive"].oldest_seconds < 7800
    assert (lanes["bulk"].oldest, lanes["bulk"].oldest_seconds) == (None, 0.0)
    assert young.waiting == 2


def test_what_is_done_or_in_hand_does_not_wait(send: SendFiles) -> None:
    batch = send(4)
    claim = claims.take("interactive", 2, owner="w1")
    results.record(claim, list(scored(claim)))
    claims.take("interactive", 1, owner="w1")

    (state, *_) = selectors.lanes()

    assert state.waiting == 1
    assert state.oldest
    assert state.oldest.id == Analysis.objects.get(batch=batch, state="waiting").id


def test_an_old_batch_with_new_images_does_not_hide_an_older_image(send: SendFiles) -> None:
    reopened, middle = send(1), send(1)
    age(middle, 2)
    Batch.objects.filter(id=reopened.id).update(created_at=F("created_at") - timedelta(hours=9))

    (state, *_) = selectors.lanes()

    assert state.oldest
    assert state.oldest.batch_id == middle.id


def test_it_asks_indexes_and_never_walks_the_table(send: SendFiles) -> None:
    send(3)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        selectors.lanes()

    assert len(asked) <= 9
    if connection.vendor == "sqlite":
        for query in asked:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plan = " ".join(row[3] for row in cursor.fetchall())
            assert "SCAN batches_analysis" not in plan, plan
