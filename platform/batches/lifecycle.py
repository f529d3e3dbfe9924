"""What people may do to analyses after they ended: send them round again, or have another model repeat them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from batches import counters, dispatch, intake, quotas
from batches.errors import NothingToRepeat
from batches.models import Analysis, Batch, State

RETRYABLE = (State.FAILED, State.QUARANTINED)


@dataclass(frozen=True)
class Choice:
    """Which results to repeat: those with one of the verdicts (any where none is named) and a score in the range."""

    verdicts: Sequence[str] = ()
    min_probability: float | None = None
    max_probability: float | None = None


def retry(analyses: QuerySet[Analysis]) -> int:
    """Lets failed and quarantined analyses wait again; others are left as they are. Returns how many wait now."""
    with transaction.atomic():
        rows = analyses.order_by("id").filter(state__in=RETRYABLE).select_for_update(of=("self",), no_key=True)
        found = list(rows.values_list("id", "batch_id", "lane", "state"))
        # One attempt counts as made, so the row is claimed alone: it may be the image that stops workers.
        Analysis.objects.filter(id__in=[row_id for row_id, *_ in found]).update(
            state=State.WAITING, attempts=1, error_code="", error_detail="", started_at=None, finished_at=None
        )
        changes: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
        for _, batch_id, _, state in found:
            changes[batch_id].update({"waiting": 1, state: -1})
        counters.move(changes)
        for lane, images in Counter(lane for _, _, lane, _ in found).items():
            transaction.on_commit(partial(dispatch.ring, lane, images))
    return len(found)


def repeat(batch: Batch, *, model_version: str, choice: Choice) -> Batch:
    """A new batch of the same owner in which this version judges the chosen images again, each with its result so
    far as its origin; the old batch stays as it is. Raises NothingToRepeat,
    QuotaExceeded, BacklogFull."""
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
    repeats = [
        Analysis(
            batch=made,
            image_id=result.image_id,
            ordinal=ordinal,
            filename=result.filename,
            lane=made.lane,
            origin=result,
        )
        for ordinal, result in enumerate(results)
    ]
    # Only now, since on SQLite nobody else can write meanwhile; a result that is there never changes.
    with transaction.atomic():
        made.save(force_insert=True)
        Analysis.objects.bulk_create(repeats)
        transaction.on_commit(partial(dispatch.ring, made.lane, len(repeats)))
    return made


def _chosen(batch: Batch, choice: Choice) -> QuerySet[Analysis]:
    results = Analysis.objects.filter(batch=batch, state=State.DONE)
    if choice.verdicts:
        results = results.filter(verdict__in=choice.verdicts)
    if choice.min_probability is not None:
        results = results.filter(fake_probability__gte=choice.min_probability)
    if choice.max_probability is not None:
        results = results.filter(fake_probability__lte=choice.max_probability)
    return results
