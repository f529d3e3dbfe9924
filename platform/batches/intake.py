"""Takes in what was received: keeps the files, then writes image, batch and analyses in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from batches import counters, dispatch, order, quotas, store, submissions
from batches.errors import BatchCancelled, BatchFull, BatchNotFound, StorageBusy
from batches.models import Analysis, Batch, Image, Lane, Submission
from batches.store import Received
from batches.submissions import Sent
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
    *,
    owner: AbstractBaseUser,
    uploads: Sequence[Upload],
    name: str = "",
    batch_id: UUID | None = None,
    sent: Sent | None = None,
) -> Accepted:
    """Makes a batch of the uploads, or adds them to the owner's batch; what it returns survives a power cut.

    Takes the uploads over: each received file is kept or gone afterwards, also when it fails. What was `sent` with a
    key before is not taken in again: the same is returned.
    Raises BatchNotFound, BatchCancelled, KeyReused, StorageFull, StorageBusy, QuotaExceeded, BacklogFull.
    """
    try:
        traces.note(images=len(uploads))
        if sent and (earlier := submissions.find(owner, sent)):
            return _again(earlier, uploads)
        return _accept(owner, uploads, name, batch_id, sent)
    except IntegrityError as error:
        # The same upload came twice at the same moment, and the other was first.
        if sent and (earlier := submissions.find(owner, sent)):
            return _again(earlier, uploads)
        raise StorageBusy from error  # an image's row was there, and was deleted before ours was written
    finally:
        for upload in uploads:
            store.discard(upload.received)


def _accept(
    owner: AbstractBaseUser, uploads: Sequence[Upload], name: str, batch_id: UUID | None, sent: Sent | None
) -> Accepted:
    quotas.check(owner, images=len(uploads), byte_size=sum(upload.received.byte_size for upload in uploads))
    room = settings.MAX_IMAGES_PER_BATCH - (_owned(owner, batch_id).total if batch_id else 0)
    # Before the transaction: syncing files takes long, and nobody else could write meanwhile. A crash in between
    # leaves a file without a row, which the next upload of the same bytes takes over.
    store.keep([upload.received for upload in uploads[:room]])
    with transaction.atomic():
        batch = _owned(owner, batch_id, lock=True) if batch_id else _new_batch(owner, uploads, name)
        if batch.cancelled_at:
            raise BatchCancelled
        # Looked at again under the lock: another request may have filled the batch meanwhile.
        room = min(room, settings.MAX_IMAGES_PER_BATCH - batch.total)
        if sent:
            submissions.note(owner, sent, batch, images=len(uploads[:room]))
        # After the note: an upload that came twice at once gets its answer, however much waits by now.
        kept = uploads[:room]
        quotas.reserve(owner, images=len(kept), byte_size=sum(upload.received.byte_size for upload in kept))
        analyses = _write_rows(batch, kept)
        # Who deletes files waits for this transaction from here on, and may have been quicker: see deletion.
        if store.missing([analysis.image_id for analysis in analyses]):
            raise StorageBusy
        quotas.confirm()
        transaction.on_commit(partial(dispatch.ring, batch.lane, len(analyses)))
    batch.refresh_from_db()
    return Accepted(batch, analyses, _refuse(uploads[room:]))


def _again(earlier: Submission, uploads: Sequence[Upload]) -> Accepted:
    later = Analysis.objects.filter(batch_id=earlier.batch_id, ordinal__gte=earlier.first_ordinal).order_by("ordinal")
    return Accepted(earlier.batch, list(later[: earlier.images]), _refuse(uploads[earlier.images :]))


def _refuse(uploads: Sequence[Upload]) -> list[Refusal]:
    return [Refusal(upload.received.filename, BatchFull.code, BatchFull.message) for upload in uploads]


def _owned(owner: AbstractBaseUser, batch_id: UUID, *, lock: bool = False) -> Batch:
    batches = Batch.objects.select_for_update(no_key=True) if lock else Batch.objects.all()
    batch = batches.filter(id=batch_id, owner_id=owner.pk).first()
    if batch is None:
        raise BatchNotFound
    return batch


def _new_batch(owner: AbstractBaseUser, uploads: Sequence[Upload], name: str) -> Batch:
    if not name.strip():
        now = timezone.now().strftime("%Y-%m-%d %H:%M:%S UTC")
        name = uploads[0].received.filename if len(uploads) == 1 else now
    return Batch.objects.create(owner_id=owner.pk, name=name.strip()[:200], lane=lane_for(len(uploads)))


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
    ranks = order.ranks(batch, len(uploads))
    analyses = Analysis.objects.bulk_create(
        Analysis(
            batch=batch,
            image_id=upload.received.sha256,
            ordinal=batch.total + place,
            filename=upload.received.filename,
            lane=batch.lane,
            rank=rank,
            state=batch.rest,
        )
        for place, (upload, rank) in enumerate(zip(uploads, ranks, strict=True))
    )
    Batch.objects.filter(id=batch.id).update(last_rank=max([batch.last_rank, *ranks[-1:]]))
    byte_size = sum(upload.received.byte_size for upload in uploads)
    counters.move({batch.id: Counter({"total": len(analyses), batch.rest: len(analyses), "byte_size": byte_size})})
    return analyses


def _image(upload: Upload) -> Image:
    return Image(
        sha256=upload.received.sha256,
        format=upload.format,
        width=upload.width,
        height=upload.height,
        byte_size=upload.received.byte_size,
    )
