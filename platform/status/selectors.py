"""Reads: the workers, and what waits in each lane since when; a few index look-ups, however many rows there are."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Now

from batches.models import Analysis, Batch, Lane, State
from status.models import WorkerBeat

MISSED_BEATS = 6  # so many in a row, and a worker counts as gone
LARGEST_LOOK = 50  # open batches of a lane among which the oldest waiting image is looked for


@dataclass(frozen=True)
class LaneState:
    lane: str
    waiting: int
    oldest: Analysis | None  # the waiting image that was sent first
    oldest_seconds: float  # since it was sent; 0 where none waits


@dataclass(frozen=True)
class WorkerState:
    beat: WorkerBeat
    silent_seconds: float  # since its last sign of life
    busy_seconds: float  # with its permit, when it was last heard of; 0 while it waits for one
    is_alive: bool  # heard of lately, and it did not say good-bye


def workers() -> list[WorkerState]:
    """All heard of in the last day, the latest first. By the database's clock, as hosts differ."""
    limit = settings.BEAT_SECONDS * MISSED_BEATS
    silent = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    # While it says nothing nobody knows whether it is still at work.
    busy = ExpressionWrapper(F("seen_at") - F("busy_since"), output_field=DurationField())
    beats = WorkerBeat.objects.annotate(silent=silent, busy=busy).order_by("-seen_at", "name")
    return [
        WorkerState(
            beat=beat,
            silent_seconds=beat.silent.total_seconds(),
            busy_seconds=beat.busy.total_seconds() if beat.busy else 0.0,
            # Seen in the future: the clock was set back, and what lives has written again since.
            is_alive=beat.ended_at is None and abs(beat.silent.total_seconds()) < limit,
        )
        for beat in beats
    ]


def lanes() -> list[LaneState]:
    return [_lane(lane) for lane in Lane]


def _lane(lane: str) -> LaneState:
    # The partial index on batches that have waiting images; their counters, not their rows.
    open_batches = Batch.objects.filter(lane=lane, waiting__gt=0)
    waiting = sum(open_batches.values_list("waiting", flat=True))
    oldest = _oldest(open_batches)
    return LaneState(lane, waiting, oldest, oldest.age.total_seconds() if oldest else 0.0)  # type: ignore[attr-defined]


def _oldest(open_batches: QuerySet[Batch]) -> Analysis | None:
    """No image is older than its batch, so the search ends at the first batch younger than the oldest image found."""
    found: Analysis | None = None
    for batch_id, made_at in open_batches.order_by("created_at").values_list("id", "created_at")[:LARGEST_LOOK]:
        if found and found.created_at <= made_at:
            break
        first = _first_waiting(batch_id)
        if first and (found is None or first.created_at < found.created_at):
            found = first
    return found


def _first_waiting(batch_id: UUID) -> Analysis | None:
    """By the index of verdicts, where those without one are few or still waiting. Images come in the order of their
    place in the batch, so the first is the oldest."""
    age = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())
    unjudged = Analysis.objects.filter(batch_id=batch_id, verdict="", state=State.WAITING)
    return unjudged.annotate(age=age).only("id", "batch_id", "filename", "created_at").order_by("ordinal").first()
