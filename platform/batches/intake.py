"""Takes in what was received: keeps the files, then writes image, batch and analyses in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from batches import counters, dispatch, store
from batches.errors import BatchFull, BatchNotFound, KeyReused
from batches.models import Analysis, Batch, Image, Lane, UploadKey
from batches.store import Received

INTERACTIVE_IMAGES = 16
DEFAULT_IMAGES = 2_000


@dataclass(frozen=True)
class Upload:
    """A received file whose header says that it is an image."""

    received: Received
    format: str
    width: int  # pixels, as shown (after EXIF orientation)
    height: int


@dataclass(frozen=True)
class Refusal:
    filename: str
    code: str
    detail: str


@dataclass(frozen=True)
class Accepted:
    batch: Batch
    analyses: list[Analysis]  # in the order of the uploads
    refused: list[Refusal]  # those the batch had no room for


def accept(
    *, owner: AbstractBaseUser, uploads: Sequence[Upload], name: str = "", batch_id: UUID | None = None, key: str = ""
) -> Accepted:
    """Makes a batch of the uploads, or adds them to the owner's batch; what it returns survives a power cut.

    Takes the uploads over: each received file is kept or gone afterwards, also when it fails. The same uploads once
    more under the same `key` change nothing and return the same.
    Raises BatchNotFound, KeyReused, StorageFull.
    """
    try:
        if earlier := _find_earlier(owner, uploads, name, batch_id, key):
            return earlier
        room = settings.MAX_IMAGES_PER_BATCH - (_owned(owner, batch_id).total if batch_id else 0)
        # Before the transaction: syncing files takes long, and nobody else could write meanwhile. A crash in between
        # leaves a file without a row, which the next upload of the same bytes takes over.
        store.keep([upload.received for upload in uploads[:room]])
        with transaction.atomic():
            batch = _owned(owner, batch_id, lock=True) if batch_id else _new_batch(owner, uploads, name)
            # Looked at again under the lock: another request may have filled the batch meanwhile.
            room = min(room, settings.MAX_IMAGES_PER_BATCH - batch.total)
            analyses = _write_rows(batch, uploads[:room])
            if key:
                _keep_key(owner, key, _fingerprint(uploads, name, batch_id), batch, analyses)
            transaction.on_commit(partial(dispatch.ring, batch.lane, len(analyses)))
        batch.refresh_from_db()
        return Accepted(batch, analyses, _refuse(uploads[room:]))
    except IntegrityError:
        # Sent twice at once: the other one was first.
        if earlier := _find_earlier(owner, uploads, name, batch_id, key):
            return earlier
        raise
    finally:
        for upload in uploads:
            store.discard(upload.received)


def _find_earlier(
    owner: AbstractBaseUser, uploads: Sequence[Upload], name: str, batch_id: UUID | None, key: str
) -> Accepted | None:
    """What the same upload under the same key was answered, if there was one. Raises KeyReused."""
    found = UploadKey.objects.select_related("batch").filter(owner_id=owner.pk, key=key).first() if key else None
    if found is None:
        return None
    if found.fingerprint != _fingerprint(uploads, name, batch_id):
        raise KeyReused
    end = found.first_ordinal + found.images
    analyses = found.batch.analyses.filter(ordinal__gte=found.first_ordinal, ordinal__lt=end).order_by("ordinal")
    return Accepted(found.batch, list(analyses), _refuse(uploads[found.images :]))


def _keep_key(
    owner: AbstractBaseUser, key: str, fingerprint: str, batch: Batch, analyses: Sequence[Analysis]
) -> UploadKey:
    first = analyses[0].ordinal if analyses else 0
    return UploadKey.objects.create(
        owner_id=owner.pk, key=key, fingerprint=fingerprint, batch=batch, first_ordinal=first, images=len(analyses)
    )


def _fingerprint(uploads: Sequence[Upload], name: str, batch_id: UUID | None) -> str:
    files = [f"{upload.received.sha256} {upload.received.filename}" for upload in uploads]
    return hashlib.sha256("\n".join([str(batch_id or ""), name, *files]).encode()).hexdigest()


def _refuse(uploads: Sequence[Upload]) -> list[Refusal]:
    return [Refusal(upload.received.filename, BatchFull.code, BatchFull.message) for upload in uploads]


def _owned(owner: AbstractBaseUser, batch_id: UUID, *, lock: bool = False) -> Batch:
    batches = Batch.objects.select_for_update(no_key=True) if lock else Batch.objects.all()
    batch = batches.filter(id=batch_id, owner_id=owner.pk).first()
    if batch is None:
        raise BatchNotFound
    return batch


def _new_batch(owner: AbstractBaseUser, uploads: Sequence[Upload], name: str) -> Batch:
    name = name.strip()[:200] or timezone.now().strftime("%Y-%m-%d %H:%M:%S UTC")
    return Batch.objects.create(owner_id=owner.pk, name=name, lane=lane_for(len(uploads)))


def lane_for(images: int) -> Lane:
    """Decided once, by the first request: the fair order of claims counts within a lane, so a batch stays in one.
    Somebody who waits before the screen sends few images at a time and never queues behind an archive."""
    if images <= INTERACTIVE_IMAGES:
        return Lane.INTERACTIVE
    return Lane.DEFAULT if images <= DEFAULT_IMAGES else Lane.BULK


def _write_rows(batch: Batch, uploads: Sequence[Upload]) -> list[Analysis]:
    # In the order of their hashes: two requests that bring the same images in different order would dead-lock.
    by_hash = {upload.received.sha256: upload for upload in uploads}
    Image.objects.bulk_create((_image(by_hash[sha256]) for sha256 in sorted(by_hash)), ignore_conflicts=True)
    analyses = Analysis.objects.bulk_create(
        Analysis(
            batch=batch,
            image_id=upload.received.sha256,
            ordinal=batch.total + place,
            filename=upload.received.filename,
            lane=batch.lane,
        )
        for place, upload in enumerate(uploads)
    )
    counters.move({batch.id: Counter(total=len(analyses), waiting=len(analyses))})
    return analyses


def _image(upload: Upload) -> Image:
    return Image(
        sha256=upload.received.sha256,
        format=upload.format,
        width=upload.width,
        height=upload.height,
        byte_size=upload.received.byte_size,
    )
