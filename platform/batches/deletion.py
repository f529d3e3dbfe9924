"""Deletes batches for good: rows, then files, with a receipt; by hand, or when they have been kept long enough."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from time import time as now
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce, Now

from batches import counters, exports, lifecycle, store
from batches.errors import BatchChanged, BatchNotFound
from batches.models import Analysis, Batch, Deletion, Image

Row = TypeVar("Row")

STEP = 500  # rows or files that one statement or transaction takes
BATCHES_A_TIME = 4  # that one run of the retention rule deletes; the next run takes the rest
PREFIXES = 256  # folders of files; each run looks for orphans in the next one


def delete(batch_id: UUID, *, by: AbstractBaseUser | None) -> Deletion:
    """Deletes a batch with its analyses, exports, and the stored images that no other analysis uses; `by` is null for
    the retention rule. What runs at this moment is dropped. A crash leaves files without rows, never a row without its
    file; they are removed later. Raises BatchNotFound, BatchChanged."""
    lifecycle.cancel(batch_id)  # so that nothing is claimed or added meanwhile
    with transaction.atomic():
        # Locked in the order of their ids and before the batch, as everywhere.
        locked = Analysis.objects.filter(batch_id=batch_id).order_by("id").select_for_update(no_key=True)
        rows = list(locked.values_list("id", "image_id"))
        batch = counters.lock_one(batch_id)
        if batch.total != len(rows):
            raise BatchChanged
        files = exports.files_of(batch)
        receipt = _write_receipt(batch, rows, by)
        _delete_rows(batch, [row_id for row_id, _ in rows])
    store.remove_exports(files)
    collect({sha256 for _, sha256 in rows})
    return receipt


def digest_of(rows: Iterable[tuple[UUID, str]]) -> str:
    """SHA-256 over a line `<analysis id> <SHA-256 of its image>` for each analysis, in the order of the ids."""
    digest = hashlib.sha256()
    for row_id, sha256 in sorted((str(row_id), sha256) for row_id, sha256 in rows):
        digest.update(f"{row_id} {sha256}\n".encode())
    return digest.hexdigest()


def retain() -> int:
    """Deletes some of the batches that ended (or were paused) RETENTION_DAYS ago; 0 keeps all. Returns how many."""
    if not settings.RETENTION_DAYS:
        return 0
    cutoff = Now() - timedelta(days=settings.RETENTION_DAYS)
    old = Batch.objects.annotate(since=Coalesce("finished_at", "paused_at")).filter(since__lt=cutoff)
    expired = list(old.order_by("since").values_list("id", flat=True)[:BATCHES_A_TIME])
    for batch_id in expired:
        with suppress(BatchNotFound, BatchChanged):  # somebody was quicker, or needs it again
            delete(batch_id, by=None)
    return len(expired)


def collect(hashes: Collection[str]) -> int:
    """Removes the rows, files and thumbnails of those images that no analysis uses. Returns how many."""
    return sum(_collect(group) for group in _groups(sorted(hashes)))


def collect_orphans() -> int:
    """What a crash left of deletions and uploads: looks through one folder of files, by the clock. Returns how many
    were removed."""
    return collect_abandoned(f"{int(now() / settings.TIDY_SECONDS) % PREFIXES:02x}")


def collect_abandoned(prefix: str) -> int:
    """Of the images whose hash begins with `prefix` (2 hex digits), those without an analysis, as row or as file."""
    before = Now() - timedelta(seconds=store.ABANDONED_SECONDS)
    unused = _unused(Image.objects.filter(sha256__gte=prefix, sha256__lt=prefix + "g", created_at__lt=before))
    removed = collect(list(unused.values_list("sha256", flat=True)))
    return removed + sum(remove_files(group) for group in store.abandoned(prefix) if group)


def _write_receipt(batch: Batch, rows: Sequence[tuple[UUID, str]], by: AbstractBaseUser | None) -> Deletion:
    elsewhere = Analysis.objects.filter(image=OuterRef("pk")).exclude(batch=batch)
    lost = Image.objects.filter(Exists(Analysis.objects.filter(image=OuterRef("pk"), batch=batch)), ~Exists(elsewhere))
    sums = lost.aggregate(files=Count("pk"), byte_size=Coalesce(Sum("byte_size"), 0))
    return Deletion.objects.create(
        batch_id=batch.id,
        owner_id=batch.owner_id,
        deleted_by_id=by.pk if by else None,
        batch_created_at=batch.created_at,
        analyses=len(rows),
        digest=digest_of(rows),
        **sums,
    )


def _delete_rows(batch: Batch, ids: Sequence[UUID]) -> None:
    # What repeats them with another model stays, and forgets where it came from.
    Analysis.objects.filter(origin__batch=batch).update(origin=None)
    Batch.objects.filter(origin=batch).update(origin=None)
    for group in _groups(ids):
        Analysis.objects.filter(id__in=group).delete()
    batch.delete()


def _collect(hashes: Sequence[str]) -> int:
    with transaction.atomic():
        # Locked against new analyses of them before it is looked whether there are any.
        locked = Image.objects.filter(sha256__in=hashes).order_by("sha256").select_for_update(skip_locked=True)
        ours = list(locked.values_list("sha256", flat=True))
        gone = list(_unused(Image.objects.filter(sha256__in=ours)).values_list("sha256", flat=True))
        Image.objects.filter(sha256__in=gone).delete()
    return remove_files(gone)


def remove_files(hashes: Sequence[str]) -> int:
    """Those that have no row, after the commit that deleted it; returns how many that were."""
    with transaction.atomic():
        # While this is held nobody can be writing a row that we do not see yet: an upload of the same bytes keeps its
        # file before it writes the row, and looks for the file again after.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Image._meta.db_table} IN SHARE MODE")
        present = set(Image.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
        gone = [sha256 for sha256 in hashes if sha256 not in present]
        store.remove(gone)
    return len(gone)


def _unused(images: QuerySet[Image]) -> QuerySet[Image]:
    return images.filter(~Exists(Analysis.objects.filter(image=OuterRef("pk"))))


def _groups(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[first : first + STEP] for first in range(0, len(rows), STEP))
