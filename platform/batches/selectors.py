"""Reads for the API: what a user may see, and how fast a batch goes."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Count, QuerySet
from django.utils import timezone

from batches.errors import BatchNotFound
from batches.models import Analysis, Batch, Deletion, State


@dataclass(frozen=True)
class Rate:
    images_per_second: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class Change:
    """So many images went from one verdict to another, or kept it."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Comparison:
    """A batch that repeats another, beside it: images with a result in both."""

    same: int  # verdicts
    changed: int
    changes: list[Change]  # those that differ, the most frequent first


def batches_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Batch]:
    """The user's own batches, newest first."""
    return Batch.objects.filter(owner_id=user.pk).order_by("-created_at", "id")


def batch_of(user: AbstractBaseUser | AnonymousUser, batch_id: UUID) -> Batch:
    """Raises BatchNotFound, for somebody else's batch too: an id alone tells nothing."""
    batch = batches_of(user).filter(id=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch


def analyses_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Analysis]:
    """The user's own analyses with their image, in the order of their batches."""
    return Analysis.objects.filter(owner_id=user.pk).select_related("image").order_by("ordinal", "id")


def analyses_in(user: AbstractBaseUser | AnonymousUser, batch_id: UUID) -> QuerySet[Analysis]:
    """Those of one batch; none where it is somebody else's."""
    # Their owner is asked of the batch: with a condition on their own column the planner may walk the index of all
    # that the owner has.
    in_batch = Analysis.objects.filter(batch_id=batch_id, batch__owner_id=user.pk)
    return in_batch.select_related("image").order_by("ordinal", "id")


def analyses_shown_to(user: User) -> QuerySet[Analysis]:
    """The user's own analyses, or all for who may look through everybody's in the admin (its thumbnails are these)."""
    may_see_all = user.is_staff and user.has_perm("batches.view_analysis")
    return Analysis.objects.all() if may_see_all else analyses_of(user)


def deletions_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Deletion]:
    """The receipts of the user's own batches, the latest first."""
    return Deletion.objects.filter(owner_id=user.pk).order_by("-deleted_at", "id")


def rate_of(batch: Batch) -> Rate:
    """Images a second since work began (pauses left out, see Batch.started_at), and what is left at that rate. What was
    cancelled was no work."""
    left = batch.open
    ended = batch.total - left - batch.cancelled
    if not batch.started_at or not ended:
        return Rate(None, None)
    seconds = ((batch.finished_at or batch.paused_at or timezone.now()) - batch.started_at).total_seconds()
    rate = ended / max(seconds, 0.001)
    return Rate(rate, None if batch.paused_at else left / rate)


def judged() -> QuerySet[Analysis]:
    """Analyses that a model has judged: so asked for, those of one are found by its index, which holds no others."""
    return Analysis.objects.filter(model_version__gt="")


def comparison_of(batch: Batch) -> Comparison:
    """Counts what another model made of the same images; nothing to compare in a batch that repeats none."""
    repeated = Analysis.objects.filter(batch=batch, state=State.DONE, origin__isnull=False)
    pairs = repeated.values_list("origin__verdict", "verdict").annotate(count=Count("id")).order_by("-count")
    changes = [Change(*pair) for pair in pairs]
    same = sum(change.count for change in changes if change.before == change.after)
    differing = [change for change in changes if change.before != change.after]
    return Comparison(same, sum(change.count for change in differing), differing)
