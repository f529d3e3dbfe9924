"""The time left follows from what the lane got through in the last minute."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from batches import claims, forecast, intake, lifecycle, results
from batches.models import Analysis, Batch
from tests.batches.conftest import Send, receive, scored

LANE = "interactive"


def end(images: int, *, seconds_ago: float) -> None:
    claim = claims.take(LANE, images, owner="w1")
    results.record(claim, list(scored(claim)))
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    Analysis.objects.filter(id__in=[row.id for row in claim.analyses]).update(finished_at=moment)


def test_the_measured_rate_leaves_out_the_chunk_that_marks_the_start(send: Send) -> None:
    send(16)
    end(4, seconds_ago=20)
    assert forecast.rate_of_lane(LANE) is None  # one chunk says nothing about speed

    end(4, seconds_ago=10)
    end(4, seconds_ago=0)

    assert forecast.rate_of_lane(LANE) == pytest.approx(8 / 20, rel=0.2)
    assert forecast.rate_of_lane("bulk") is None


def test_what_ended_long_ago_is_no_measure(send: Send) -> None:
    send(12)
    end(4, seconds_ago=300)
    end(4, seconds_ago=200)

    assert forecast.rate_of_lane(LANE) is None


def test_the_time_left_counts_what_others_get_in_between(owner: User) -> None:
    eve = User.objects.create_user("eve")
    mine = intake.accept(owner=owner, uploads=[receive(f"a{place}".encode()) for place in range(12)]).batch
    end(2, seconds_ago=20)
    end(2, seconds_ago=0)
    intake.accept(owner=eve, uploads=[receive(f"b{place}".encode()) for place in range(16)])
    mine.refresh_from_db()

    found = forecast.forecast_of(mine)

    assert found.queue
    assert found.queue.place == pytest.approx(16, abs=1)  # 8 of mine and as many of hers
    assert found.seconds_left == pytest.approx(160, rel=0.25)


def test_a_paused_batch_has_no_time_left(send: Send) -> None:
    batch = send(4)
    end(1, seconds_ago=10)
    end(1, seconds_ago=0)

    assert forecast.forecast_of(lifecycle.pause(batch.id)) == forecast.Forecast(None, None)


@pytest.mark.django_db
def test_without_a_measure_the_batch_goes_by_its_own_rate() -> None:
    batch = Batch(total=100, done=50, running=50, lane="bulk", started_at=timezone.now() - timedelta(seconds=10))

    assert forecast.forecast_of(batch).seconds_left == pytest.approx(10, rel=0.1)
