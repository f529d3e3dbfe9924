"""Whose turn it is: the rank that an analysis gets on its way in, so that claims are fair and stay one indexed read."""

from batches.models import Analysis, Batch, State


def ranks(batch: Batch, images: int) -> range:
    """The ranks of images that are added to a batch, in their order; the batch is locked.

    A lane is worked off by rank. What comes in starts at the rank whose turn it is now: it neither waits behind all
    that came before nor overtakes all of it (start-time fair queueing, Goyal, Vin and Cheng, 1996). The steps are as
    wide as their owner has open batches in the lane: n batches weigh 1 + 1/2 + ... + 1/n together, 5.2 at a hundred,
    so nobody gets a hundred times the workers by sending a hundred batches.
    """
    open_batches = Batch.objects.filter(owner_id=batch.owner_id, lane=batch.lane, waiting__gt=0)
    step = open_batches.exclude(id=batch.id).count() + 1
    start = front(batch.lane) - 1
    if batch.waiting + batch.paused:
        start = max(start, batch.last_rank)
    return range(start + step, start + step * images + 1, step)


def front(lane: str) -> int:
    """The lowest rank that waits; 0 in an idle lane."""
    waiting = Analysis.objects.filter(lane=lane, state=State.WAITING, attempts=0)
    return waiting.order_by("rank", "id").values_list("rank", flat=True).first() or 0


def delay(lane: str, lowest: int) -> int:
    """By how much the ranks of what waits again must rise, if `lowest` is the first: what stood still for a while
    would otherwise go before everybody."""
    return max(0, front(lane) - lowest)
