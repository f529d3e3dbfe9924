"""Remembers uploads that came with a key, so that one sent twice is taken in once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models.functions import Now

from batches.errors import KeyReused
from batches.models import Batch, Submission

KEPT_DAYS = 7
FORGET_LIMIT = 1_000


@dataclass(frozen=True)
class Sent:
    """An upload with the key that its sender gave it; the fingerprint tells whether it is the same upload."""

    key: str
    fingerprint: str


def fingerprint_of(batch_id: UUID | None, name: str, files: Sequence[tuple[str, str]]) -> str:
    """SHA-256 of where an upload went, its name, and each file's name with its hash or the code that refused it."""
    return hashlib.sha256(json.dumps([str(batch_id or ""), name, files]).encode()).hexdigest()


def find(owner: AbstractBaseUser, sent: Sent) -> Submission | None:
    """The same upload, if it was taken in before. Raises KeyReused where the key came with another."""
    earlier = Submission.objects.filter(owner_id=owner.pk, key=sent.key).select_related("batch").first()
    if earlier and earlier.fingerprint != sent.fingerprint:
        raise KeyReused
    return earlier


def note(owner: AbstractBaseUser, sent: Sent, batch: Batch, *, images: int) -> None:
    """In the transaction that writes the rows; raises IntegrityError where the same key is being taken in."""
    Submission.objects.create(
        owner_id=owner.pk,
        key=sent.key,
        fingerprint=sent.fingerprint,
        batch=batch,
        first_ordinal=batch.total,
        images=images,
    )


def forget() -> int:
    """Removes what was noted a week ago: nobody sends that again. Returns how many."""
    old = Submission.objects.filter(created_at__lt=Now() - timedelta(days=KEPT_DAYS)).order_by("created_at")
    return Submission.objects.filter(id__in=list(old.values_list("id", flat=True)[:FORGET_LIMIT])).delete()[0]
