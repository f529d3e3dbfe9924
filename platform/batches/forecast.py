"""How long it takes still: what a lane got through lately, and how much of it comes before a batch's end."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from batches import order, selectors
from batches.models import Analysis, Batch, State

WINDOW = timedelta(seconds=60)
SAMPLE = 1_000  # of the latest results: a status read costs the same at any speed


@dataclass(frozen=True)
class Queue:
    """A batch's place in its lane, worked out from the counters of the open batches: close, not exact."""

    lane: str
    place: int  # of its last waiting image, from 1
    waiting: int  # images in the lane, everybody's


@dataclass(frozen=True)
class Forecast:
    queue: Queue | None = None  # None where nothing of the batch waits
    seconds_left: float | None = None  # until its last result; None where that is not known


def forecast_of(batch: Batch) -> Forecast:
    """At the lane's measured rate; where nothing ended lately, at the batch's own so far."""
    queue = queue_of(batch)
    if batch.rest != State.WAITING:
        return Forecast(queue)
    rate = rate_of_lane(batch.lane) if batch.open else None
    if rate is None:
        return Forecast(queue, selectors.rate_of(batch).seconds_left)
    return Forecast(queue, ((queue.place if queue else 0) + batch.running) / rate)


def queue_of(batch: Batch) -> Queue | None:
    """None where nothing of it waits."""
    if not batch.waiting:
        return None
    front = order.front(batch.lane)
    others = Batch.objects.filter(lane=batch.lane, waiting__gt=0).exclude(id=batch.id)
    place = waiting = batch.waiting
    for count, last_rank in others.order_by().values_list("waiting", "last_rank"):
        # The ranks of a batch are spread evenly from the one whose turn it is to its last.
        share = (batch.last_rank - front + 1) / max(1, last_rank - front + 1)
        place += round(count * min(1.0, max(0.0, share)))
        waiting += count
    return Queue(batch.lane, place, waiting)


def rate_of_lane(lane: str) -> float | None:
    """Images a second in the last minute; None where too few ended to tell."""
    now = timezone.now()
    ended = Analysis.objects.filter(lane=lane, finished_at__gte=now - WINDOW).order_by("-finished_at")
    moments = [moment for moment in ended.values_list("finished_at", flat=True)[:SAMPLE] if moment]
    if not moments:
        return None
    # Results are written by the chunk: the oldest chunk marks the start and does not count itself.
    since = moments[-1]
    count = sum(moment > since for moment in moments)
    return count / max((now - since).total_seconds(), 0.001) if count else None
