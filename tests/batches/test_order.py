"""Whose turn it is: nobody waits behind all that came before, nobody gets more by sending more batches."""

from collections import Counter

import pytest
from django.contrib.auth.models import User

from batches import claims, forecast, intake, lifecycle, results
from batches.models import Analysis, Batch
from tests.batches.conftest import FAILED, Send, receive, scored

pytestmark = pytest.mark.django_db(transaction=True)

LANE = "interactive"


def send_as(user: User, images: int) -> Batch:
    uploads = [receive(f"{user.username} {place}".encode()) for place in range(images)]
    return intake.accept(owner=user, uploads=uploads).batch


def work_through(images: int) -> list[Analysis]:
    claim = claims.take(LANE, images, owner="w1")
    results.record(claim, list(scored(claim)))
    return claim.analyses


def test_two_owners_share_a_lane_evenly(owner: User) -> None:
    eve = User.objects.create_user("eve")
    long, short = send_as(owner, 16), send_as(eve, 4)

    assert Counter(row.batch_id for row in work_through(8)) == {long.id: 4, short.id: 4}


def test_a_hundred_batches_of_one_owner_do_not_starve_another(owner: User) -> None:
    eve = User.objects.create_user("eve")
    for _ in range(100):
        send_as(owner, 4)
    hers = send_as(eve, 4)

    # Were every batch alike, she would be through after all 404; were he one batch, after 8.
    first = [row.batch_id for row in work_through(16)]

    assert first.count(hers.id) == 4


def test_newcomers_share_with_what_is_half_done_and_do_not_overtake_it(owner: User) -> None:
    eve = User.objects.create_user("eve")
    long = send_as(owner, 16)
    work_through(8)

    for _ in range(3):  # one small batch after the other would keep the long one from its turn for ever
        late = send_as(eve, 2)
        assert Counter(row.batch_id for row in work_through(4)) == {long.id: 2, late.id: 2}


def test_more_images_of_a_batch_come_after_those_that_wait_and_not_after_an_idle_time(owner: User) -> None:
    eve = User.objects.create_user("eve")
    batch = send_as(owner, 3)
    more = [receive(b"more"), receive(b"even more")]
    intake.accept(owner=owner, uploads=more, batch_id=batch.id)
    assert [row.ordinal for row in work_through(5)] == [0, 1, 2, 3, 4]

    intake.accept(owner=owner, uploads=[receive(b"late")], batch_id=batch.id)
    hers = send_as(eve, 8)

    assert Counter(row.batch_id for row in work_through(3)) == {batch.id: 1, hers.id: 2}


def test_a_resumed_batch_goes_on_where_the_others_are(owner: User) -> None:
    eve = User.objects.create_user("eve")
    paused = send_as(owner, 8)
    lifecycle.pause(paused.id)
    other = send_as(eve, 16)
    work_through(8)

    lifecycle.resume(paused.id)

    assert Counter(row.batch_id for row in work_through(4)) == {paused.id: 2, other.id: 2}
    assert Batch.objects.get(id=paused.id).last_rank == max(Analysis.objects.values_list("rank", flat=True))


def test_a_retry_does_not_go_before_everybody(owner: User) -> None:
    batch = send_as(owner, 6)
    claim = claims.take(LANE, 1, owner="w1")
    results.record(claim, [FAILED])
    work_through(3)

    lifecycle.retry(Analysis.objects.filter(batch=batch))

    assert Analysis.objects.get(ordinal=0).rank == 4


def test_the_place_in_the_queue_is_how_many_images_come_first(owner: User, send: Send) -> None:
    eve, ida = User.objects.create_user("eve"), User.objects.create_user("ida")
    send_as(eve, 16)
    mine = send_as(owner, 6)
    send_as(ida, 3)

    queue = forecast.queue_of(mine)

    assert queue
    assert (queue.lane, queue.waiting) == (LANE, 25)
    claimed = [row.batch_id for row in claims.take(LANE, 25, owner="w1").analyses]
    last = max(place for place, batch_id in enumerate(claimed, start=1) if batch_id == mine.id)
    assert abs(queue.place - last) <= 2


def test_a_batch_that_does_not_wait_has_no_place(send: Send) -> None:
    batch = send(2)
    work_through(2)
    batch.refresh_from_db()

    assert forecast.queue_of(batch) is None
