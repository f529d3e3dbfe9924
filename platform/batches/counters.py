"""Moves the counters of batches, inside the transaction that moves their analyses."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from batches import updates
from batches.errors import BatchNotFound
from batches.models import Batch, State

OPEN = (State.WAITING, State.PAUSED, State.RUNNING)


def lock(batch_ids: Collection[UUID]) -> dict[UUID, Batch]:
    """The batches as they are now and stay until the transaction ends: whether they are paused, for instance.

    In the order of their ids, and always after the analyses: two workers whose chunks share batches then wait for each
    other but never dead-lock.
    """
    return {batch.id: batch for batch in _locked(batch_ids)}


def lock_one(batch_id: UUID) -> Batch:
    """As `lock`; raises BatchNotFound. Whoever writes a row that refers to the batch comes through here, so that it is
    there for a deletion to see, or the batch is not."""
    batch = lock([batch_id]).get(batch_id)
    if batch is None:
        raise BatchNotFound
    return batch


def move(changes: Mapping[UUID, Counter[str]]) -> list[Batch]:
    """Adds each batch's changes ({"waiting": -5, "running": 5}) and notes when it started and finished. Returns the
    batches as they were before.

    The lock makes reading and writing back safe (on SQLite the transaction holds the only write lock from its start).
    """
    # The time is the database's: hosts differ.
    locked = _locked(changes.keys()).annotate(now=Now())
    # Counters that no change names are not written: a quarter of a claim's time in Python went into them.
    fields = {*OPEN, *(field for change in changes.values() for field in change)}
    rows = {batch.id: _add(batch, changes[batch.id], fields, batch.now) for batch in locked}
    updates.write(Batch, list(rows.values()))
    reopened = [batch.id for batch in locked if batch.finished_at and not rows[batch.id]["finished_at"]]
    if reopened:  # one that is paused still is so from now on: what went before is left out already
        Batch.objects.filter(id__in=reopened, paused_at__isnull=False).update(paused_at=Now())
    return list(locked)


def _locked(batch_ids: Collection[UUID]) -> QuerySet[Batch]:
    return Batch.objects.select_for_update(no_key=True).filter(id__in=batch_ids).order_by("id")


def _add(batch: Batch, change: Counter[str], fields: Collection[str], now: datetime) -> dict[str, object]:
    counted: dict[str, int] = {field: getattr(batch, field) + change[field] for field in fields}
    started, finished = batch.started_at, batch.finished_at
    is_open = sum(counted[state] for state in OPEN) > 0
    if counted[State.RUNNING] and not started:
        started = now
    if is_open and finished and started:
        # Opened again: the pause is no time at work.
        started = now - (finished - started)
    return {"id": batch.id, **counted, "started_at": started, "finished_at": None if is_open else finished or now}
