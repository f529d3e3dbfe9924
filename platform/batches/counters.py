"""Moves the counters of batches, inside the transaction that moves their analyses."""

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models.functions import Now

from batches.models import Batch


def lock(batch_ids: Collection[UUID]) -> dict[UUID, Batch]:
    """The batches as they are now and stay until the transaction ends: whether they are paused, for instance.

    In the order of their ids, and always after the analyses: two workers whose chunks share batches then wait for each
    other but never dead-lock.
    """
    return Batch.objects.select_for_update(no_key=True).order_by("id").in_bulk(batch_ids)


def move(changes: Mapping[UUID, Counter[str]]) -> None:
    """Adds each batch's changes ({"waiting": -5, "running": 5}) and notes when it started and finished.

    The lock makes reading and writing back safe (on SQLite the transaction holds the only write lock from its start).
    """
    for batch in lock(changes.keys()).values():
        for field, change in changes[batch.id].items():
            setattr(batch, field, getattr(batch, field) + change)
        is_open = batch.open > 0
        if batch.running and not batch.started_at:
            batch.started_at = Now()
        if is_open and batch.finished_at and batch.started_at:
            # Opened again: the pause is no time at work.
            batch.started_at = Now() - (batch.finished_at - batch.started_at)
        if is_open:
            batch.finished_at = None
        elif not batch.finished_at:
            batch.finished_at = Now()
        batch.save(update_fields=[*changes[batch.id], "started_at", "finished_at"])
