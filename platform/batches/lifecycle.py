"""What people may do to a batch: pause it, cancel it, send what failed round again, have another model repeat it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from batches import counters, dispatch, intake, order, quotas
from batches.errors import BatchCancelled, NothingToRepeat
from batches.models import Analysis, Batch, State

FAILURES = (State.FAILED, State.QUARANTINED)
WITHOUT_RESULT = (*FAILURES, State.CANCELLED)
STEP = 1_000  # analyses that one transaction sends round again: the locks stay short


@dataclass(frozen=True)
class Choice:
    """Which results to repeat: those with one of the verdicts (any where none is named) and a score in the range."""

    verdicts: Sequence[str] = ()
    min_probability: float | None = None
    max_probability: float | None = None


def pause(batch_id: UUID) -> Batch:
    """Keeps the waiting analyses from being claimed; what runs ends. Nothing to do where none is open or it is paused.
    Raises BatchNotFound, BatchCancelled."""
    with transaction.atomic():
        batch = _lock_alive(batch_id)
        if batch.open and not batch.paused_at:
            Batch.objects.filter(id=batch_id).update(paused_at=Now())
            _hold(batch, State.PAUSED)
    return Batch.objects.get(id=batch_id)


def resume(batch_id: UUID) -> Batch:
    """Lets a paused batch go on: behind what has its turn now, not before it. Raises BatchNotFound, BatchCancelled."""
    with transaction.atomic():
        batch = _lock_alive(batch_id)
        if batch.paused_at:
            paused = Analysis.objects.filter(batch=batch, state=State.PAUSED)
            later = _delay(batch, paused)
            moved = paused.update(state=State.WAITING, rank=F("rank") + later)
            counters.move({batch_id: Counter(paused=-moved, waiting=moved)})
            Batch.objects.filter(id=batch_id).update(
                paused_at=None, started_at=_started_without_pause(batch), last_rank=F("last_rank") + later
            )
            transaction.on_commit(partial(dispatch.ring, batch.lane, moved))
    return Batch.objects.get(id=batch_id)


def cancel(batch_id: UUID) -> Batch:
    """Takes back every analysis that nobody works on; what is done stays and what runs ends. Nothing to do where none
    is open. Raises BatchNotFound."""
    with transaction.atomic():
        batch = counters.lock_one(batch_id)
        if batch.open and not batch.cancelled_at:
            _hold(batch, State.CANCELLED)
            Batch.objects.filter(id=batch_id).update(
                paused_at=None, started_at=_started_without_pause(batch), cancelled_at=Now()
            )
    return Batch.objects.get(id=batch_id)


def settle() -> int:
    """Holds what still waits in a paused or cancelled batch: a claim that was rolled back let it go. Returns how
    many."""
    held = Q(paused_at__isnull=False) | Q(cancelled_at__isnull=False)
    moved = 0
    for batch_id in Batch.objects.filter(held, waiting__gt=0).order_by().values_list("id", flat=True):
        with transaction.atomic():
            batch = counters.lock([batch_id]).get(batch_id)
            if batch and batch.rest != State.WAITING:
                moved += _hold(batch, batch.rest)
    return moved


def retry(analyses: QuerySet[Analysis], *, states: Sequence[State] = FAILURES) -> int:
    """Lets analyses without a result wait again; others are left as they are. Returns how many. A cancelled batch is
    taken up again by it, a paused one stays paused."""
    ids = list(analyses.filter(state__in=states).order_by("id").values_list("id", flat=True))
    return sum(_retry(ids[first : first + STEP], states) for first in range(0, len(ids), STEP))


def repeat(batch: Batch, *, model_version: str, choice: Choice) -> Batch:
    """A new batch of the same owner in which this version judges the chosen images again, each with its result so
    far as its origin; the old batch stays as it is. Raises NothingToRepeat, BatchNotFound, QuotaExceeded,
    BacklogFull."""
    results = list(_chosen(batch, choice).order_by("ordinal").only("image_id", "filename"))
    if not results:
        raise NothingToRepeat
    quotas.check(batch.owner, images=len(results))
    made = Batch(
        owner_id=batch.owner_id,
        name=f"{batch.name[:120]}, again with {model_version}",
        lane=intake.lane_for(len(results)),
        total=len(results),
        waiting=len(results),
        model_version=model_version,
        origin=batch,
    )
    ranks = order.ranks(made, len(results))
    made.last_rank = ranks[-1]
    repeats = [
        Analysis(
            batch=made,
            image_id=result.image_id,
            ordinal=ordinal,
            filename=result.filename,
            lane=made.lane,
            rank=rank,
            origin=result,
        )
        for ordinal, (result, rank) in enumerate(zip(results, ranks, strict=True))
    ]
    # Only now, since on SQLite nobody else can write meanwhile; a result that is there never changes.
    with transaction.atomic():
        counters.lock_one(batch.id)
        quotas.reserve(batch.owner, images=len(results))
        made.save(force_insert=True)
        Analysis.objects.bulk_create(repeats)
        quotas.confirm()
        transaction.on_commit(partial(dispatch.ring, made.lane, len(repeats)))
    return made


def _lock_alive(batch_id: UUID) -> Batch:
    batch = counters.lock_one(batch_id)
    if batch.cancelled_at:
        raise BatchCancelled
    return batch


def _started_without_pause(batch: Batch) -> datetime | None:
    """As if it had begun later by the pause that ends now, which was no time at work; one that finished in its pause
    has its time already."""
    if batch.started_at and batch.paused_at and not batch.finished_at:
        return batch.started_at + (timezone.now() - batch.paused_at)
    return batch.started_at


def _hold(batch: Batch, state: State) -> int:
    """Moves what waits in a locked batch into `state`, in one statement. Elsewhere batches are locked after their
    analyses, so nobody is waited for here: an analysis that a worker is claiming at this moment runs."""
    changes: Counter[str] = Counter()
    for source in {State.WAITING, State.PAUSED} - {state}:
        waiting = Analysis.objects.filter(batch=batch, state=source).select_for_update(skip_locked=True, no_key=True)
        moved = Analysis.objects.filter(id__in=waiting.values("id")).update(state=state)
        changes.update({source: -moved, state: moved})
    counters.move({batch.id: changes})
    return changes[state]


def _delay(batch: Batch, analyses: QuerySet[Analysis]) -> int:
    lowest = analyses.aggregate(lowest=Min("rank"))["lowest"]
    return 0 if lowest is None else order.delay(batch.lane, lowest)


def _retry(ids: Sequence[UUID], states: Sequence[State]) -> int:
    with transaction.atomic():
        rows = Analysis.objects.filter(id__in=ids, state__in=states).order_by("id").select_for_update(no_key=True)
        by_batch: defaultdict[UUID, list[Analysis]] = defaultdict(list)
        for row in rows.only("batch_id", "state", "rank"):
            by_batch[row.batch_id].append(row)
        for batch in counters.lock(by_batch.keys()).values():
            _send_round_again(batch, by_batch[batch.id])
    return sum(map(len, by_batch.values()))


def _send_round_again(batch: Batch, rows: Sequence[Analysis]) -> None:
    batch.cancelled_at = None
    later = order.delay(batch.lane, min(row.rank for row in rows))
    changes = {
        "state": batch.rest,
        "rank": F("rank") + later,
        "error_code": "",
        "error_detail": "",
        "started_at": None,
        "finished_at": None,
    }
    failures = [row.id for row in rows if row.state in FAILURES]
    cancelled = [row.id for row in rows if row.state not in FAILURES]
    # One attempt counts as made, so the row is claimed alone: it may be the image that stops workers.
    Analysis.objects.filter(id__in=failures).update(**changes, attempts=1)
    Analysis.objects.filter(id__in=cancelled).update(**changes)
    batch.last_rank = max(batch.last_rank, *(row.rank + later for row in rows))
    batch.save(update_fields=["cancelled_at", "last_rank"])
    counts: Counter[str] = Counter({batch.rest: len(rows)})
    counts.subtract(row.state for row in rows)
    counters.move({batch.id: counts})
    transaction.on_commit(partial(dispatch.ring, batch.lane, len(rows)))


def _chosen(batch: Batch, choice: Choice) -> QuerySet[Analysis]:
    results = Analysis.objects.filter(batch=batch, state=State.DONE)
    if choice.verdicts:
        results = results.filter(verdict__in=choice.verdicts)
    if choice.min_probability is not None:
        results = results.filter(fake_probability__gte=choice.min_probability)
    if choice.max_probability is not None:
        results = results.filter(fake_probability__lte=choice.max_probability)
    return results
