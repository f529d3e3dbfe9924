"""Reads for the API: what a user may see, and how fast a batch goes."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet
from django.utils import timezone

from batches.errors import BatchNotFound
from batches.models import Analysis, Batch


@dataclass(frozen=True)
class Rate:
    images_per_second: float | None
    seconds_left: float | None


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
    """The user's own analyses with their image, in the order of their batch."""
    return Analysis.objects.filter(batch__owner_id=user.pk).select_related("image").order_by("ordinal", "id")


def analyses_shown_to(user: User) -> QuerySet[Analysis]:
    """The user's own analyses, or all for who may look through everybody's in the admin (its thumbnails are these)."""
    may_see_all = user.is_staff and user.has_perm("batches.view_analysis")
    return Analysis.objects.all() if may_see_all else analyses_of(user)


def rate_of(batch: Batch) -> Rate:
    """Images a second since work began (pauses left out, see Batch.started_at), and what is left at that rate."""
    left = batch.waiting + batch.running
    ended = batch.total - left
    if not batch.started_at or not ended:
        return Rate(None, None)
    seconds = ((batch.finished_at or timezone.now()) - batch.started_at).total_seconds()
    rate = ended / max(seconds, 0.001)
    return Rate(rate, left / rate if left else 0.0)
