"""Leases: a worker takes waiting analyses for a while, and what a dead worker held goes back."""

import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from batches import clock, counters
from batches.errors import WorkerCrashed
from batches.models import Analysis, Batch, State
from config import meters

logger = logging.getLogger(__name__)

SWEEP_LIMIT = 1_000  # rows one sweep gives back: the locks stay short, the next sweep takes the rest


@dataclass(frozen=True)
class Claim:
    """Analyses that are ours until the lease ends; whoever writes a result shows the token."""

    token: uuid.UUID
    analyses: list[Analysis]
    wanted: Mapping[uuid.UUID, str]  # batch -> the model version it asks for, where it asks for one

    def by_model(self) -> dict[str, list[Analysis]]:
        """The analyses by the model version to judge them; under "" stand those for whichever is active."""
        groups: defaultdict[str, list[Analysis]] = defaultdict(list)
        for analysis in self.analyses:
            groups[self.wanted.get(analysis.batch_id, "")].append(analysis)
        return dict(groups)


def take(lane: str, limit: int, *, owner: str) -> Claim:
    """Claims up to `limit` new analyses of a lane, by rank: see order. An empty claim means that none waits."""
    return _take(lane, limit, owner, attempts=0)


def take_alone(lane: str, *, owner: str) -> Claim:
    """Claims one analysis that was tried before: if it is the one that killed its worker, it takes no other along."""
    return _take(lane, 1, owner, attempts__gt=0)


def release(owner: str) -> int:
    """Gives back what an earlier process of the same name held when it died. Returns how many."""
    return _give_back(Analysis.objects.filter(lease_owner=owner))


def put_back(claim: Claim) -> None:
    """Gives a claim back as it was, without an attempt: it was not the images that kept the worker from its work."""
    with transaction.atomic():
        running = Analysis.objects.filter(lease_token=claim.token, state=State.RUNNING)
        # In the order of their ids, as whoever deletes one of their batches locks them.
        rows = list(running.order_by("id").select_for_update(no_key=True).only("batch_id"))
        _end_lease(rows, state=State.WAITING, started_at=None, attempts=F("attempts") - 1)
        _move_counters(rows, State.RUNNING, State.WAITING)


def expire() -> int:
    """Gives back what was not finished within its lease; after the last attempt it is quarantined instead."""
    running = Analysis.objects.filter(state=State.RUNNING)
    now = running.order_by("lease_until").annotate(now=Now()).values_list("now", flat=True).first()
    if now and clock.has_jumped(now):
        _renew(running)
        return 0
    return _give_back(Analysis.objects.filter(lease_until__lt=Now()))


def _renew(running: QuerySet[Analysis]) -> None:
    with transaction.atomic():
        # What is locked ends at this moment; to wait for it could be a deadlock with whoever ends it.
        held = running.select_for_update(skip_locked=True, no_key=True).values("id")
        lease_until = Now() + timedelta(seconds=settings.LEASE_SECONDS)
        renewed = Analysis.objects.filter(id__in=held).update(lease_until=lease_until)
    logger.warning("The database's clock was set; the leases of %d analyses begin anew.", renewed)


def _take(lane: str, limit: int, owner: str, **which: int) -> Claim:
    waiting = Analysis.objects.filter(lane=lane, state=State.WAITING, **which).order_by("rank", "id")
    waiting = waiting.only("batch_id", "image_id", "ordinal")
    token = uuid.uuid4()
    wanted = {}
    with transaction.atomic():
        # PostgreSQL: rows that another worker is claiming are skipped, not waited for. SQLite: the transaction has
        # had the only write lock since its BEGIN IMMEDIATE, so nobody can claim between the two statements.
        analyses = list(waiting.select_for_update(skip_locked=True, no_key=True)[:limit])
        if analyses:
            # The database's clock, as there may be several hosts.
            Analysis.objects.filter(id__in=[analysis.id for analysis in analyses]).update(
                state=State.RUNNING,
                attempts=F("attempts") + 1,
                lease_token=token,
                lease_owner=owner,
                lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS),
                started_at=Now(),
            )
            batches = _move_counters(analyses, State.WAITING, State.RUNNING)
            wanted = {batch.id: batch.model_version for batch in batches if batch.model_version}
    if analyses:
        meters.claim_rows.labels(lane).observe(len(analyses))
    return Claim(token, analyses, wanted)


def _give_back(held: QuerySet[Analysis]) -> int:
    with transaction.atomic():
        # In the order of the index of leases: SQLite would otherwise walk through the whole table.
        running = held.filter(state=State.RUNNING).order_by("lease_until")
        locked = running.select_for_update(skip_locked=True, no_key=True)
        rows = list(locked.only("batch_id", "attempts")[:SWEEP_LIMIT])
        spent = [row for row in rows if row.attempts >= settings.MAX_ATTEMPTS]
        to_retry = [row for row in rows if row.attempts < settings.MAX_ATTEMPTS]
        # Where their batch was paused or cancelled meanwhile they do not wait again; locked, so that it stays so.
        batches = counters.lock({row.batch_id for row in rows})
        by_state: defaultdict[State, list[Analysis]] = defaultdict(list)
        for row in to_retry:
            by_state[batches[row.batch_id].rest].append(row)
        for state, again in by_state.items():
            _end_lease(again, state=state, started_at=None)
            _move_counters(again, State.RUNNING, state)
        _end_lease(
            spent,
            state=State.QUARANTINED,
            finished_at=Now(),
            error_code=WorkerCrashed.code,
            error_detail=WorkerCrashed.message,
        )
        _move_counters(spent, State.RUNNING, State.QUARANTINED)
    if rows:
        meters.lease_expiries.inc(len(rows))
        meters.quarantines.inc(len(spent))
        logger.warning("%d analyses wait again, %d are quarantined: their worker died.", len(to_retry), len(spent))
    return len(rows)


def _end_lease(rows: list[Analysis], **changes: object) -> None:
    ids = [row.id for row in rows]
    Analysis.objects.filter(id__in=ids).update(lease_token=None, lease_until=None, lease_owner="", **changes)


def _move_counters(rows: list[Analysis], source: State, target: State) -> list[Batch]:
    changes: defaultdict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    for row in rows:
        changes[row.batch_id].update({source: -1, target: 1})
    return counters.move(changes)
