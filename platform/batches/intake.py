"""Takes in what was received: keeps the files, then writes image, batch and analyses in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from batches import counters, dispatch, store
from batches.errors import BatchFull, BatchNotFound
from batches.models import Analysis, Batch, Image, Lane
from batches.store import Received
from config import traces

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


@traces.spanned("intake")
def accept(
    *, owner: AbstractBaseUser, uploads: Sequence[Upload], name: str = "", batch_id: UUID | None = None
) -> Accepted:
    """Makes a batch of the uploads, or adds them to the owner's batch; what it returns survives a power cut.

    Takes the uploads over: each received file is kept or gone afterwards, also when it fails.
    Raises BatchNotFound, StorageFull.
    """
    try:
        traces.note(images=len(uploads))
        room = settings.MAX_IMAGES_PER_BATCH - (_owned(owner, batch_id).total if batch_id else 0)
        # Before the transaction: syncing files takes long, and nobody else could write meanwhile. A crash in between
        # leaves a file without a row, which the next upload of the same bytes takes over.
        store.keep([upload.received for upload in uploads[:room]])
        with transaction.atomic():
            batch = _owned(owner, batch_id, lock=True) if batch_id else _new_batch(owner, uploads, name)
            # Looked at again under the lock: another request may have filled the batch meanwhile.
            room = min(room, settings.MAX_IMAGES_PER_BATCH - batch.total)
            analyses = _write_rows(batch, uploads[:room])
            transaction.on_commit(partial(dispatch.ring, batch.lane, len(analyses)))
        batch.refresh_from_db()
        refused = [Refusal(u.received.filename, BatchFull.code, BatchFull.message) for u in uploads[room:]]
        return Accepted(batch, analyses, refused)
    finally:
        for upload in uploads:
            store.discard(upload.received)


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
