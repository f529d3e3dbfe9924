"""Exports: a batch's results as a file, asked for here, written by a worker under a lease, kept for some days."""

import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from batches import counters, dispatch, store, tables
from batches.errors import ExportFailed, ExportNotFound, ExportNotReady, FileMissing, StorageAway, StorageFull
from batches.models import Analysis, Batch, Export, Format, State

logger = logging.getLogger(__name__)

ROWS_A_TIME = 1_000  # read, written and let go: 50,000 rows need no more memory than 1,000
ABANDONED_SECONDS = 86_400
FORGET_LIMIT = 100


@dataclass(frozen=True)
class Wanted:
    """Which analyses of a batch; empty: whatever their verdict or state."""

    verdict: str = ""
    state: str = ""


class LeaseLost(Exception):
    """Another worker has the export now, or it was deleted."""


def request(batch: Batch, format: Format, wanted: Wanted) -> Export:
    """An export to be written; the same again where one like it is still to be written. Raises BatchNotFound."""
    same = Export.objects.filter(
        batch=batch, format=format, verdict=wanted.verdict, analysis_state=wanted.state, state=State.WAITING
    )
    with transaction.atomic():
        counters.lock_one(batch.id)
        export = same.first() or Export.objects.create(
            batch=batch, format=format, verdict=wanted.verdict, analysis_state=wanted.state
        )
        transaction.on_commit(dispatch.ring_for_export)
    return export


def exports_of(user: AbstractBaseUser) -> QuerySet[Export]:
    """Those of the user's own batches, the latest first."""
    return Export.objects.filter(batch__owner_id=user.pk).order_by("-created_at", "id")


def export_of(user: AbstractBaseUser, export_id: uuid.UUID) -> Export:
    """Raises ExportNotFound."""
    export = exports_of(user).select_related("batch").filter(id=export_id).first()
    if export is None:
        raise ExportNotFound
    return export


def open_file(export: Export) -> IO[bytes]:
    """To be closed by the caller. Raises ExportNotReady, StorageAway, and ExportNotFound where the file was removed."""
    if export.state != State.DONE:
        raise ExportNotReady
    try:
        return store.open_export(export.file_name)
    except FileMissing:
        raise ExportNotFound from None


def expiry_of(export: Export) -> datetime:
    return export.created_at + timedelta(days=settings.EXPORT_DAYS)


def work() -> int:
    """Writes one export that waits, or whose worker died; returns how many rows it has, 0 where none waits."""
    export = _take()
    if export is None:
        return 0
    draft = _drafts() / f"{export.id}-{export.lease_token}.part"
    name = f"{draft.stem}.{export.format}"
    try:
        with store.full_disk_told():
            rows = _write(export, draft)
            byte_size = draft.stat().st_size
            store.keep_export(name, draft)
        _finish(export, name, rows, byte_size)
    except LeaseLost:
        logger.warning("Export %s was given to another worker or deleted.", export.id)
        store.remove_exports([name])
        return 0
    except (StorageAway, StorageFull) as error:
        logger.error("Export %s waits: %s", export.id, error.message)
        # No fault of the export's: the attempt does not count, and the next one waits for the lease to end.
        _held(export).update(attempts=F("attempts") - 1)
        return 0
    finally:
        draft.unlink(missing_ok=True)
    return rows


def open_exports() -> int:
    """How many wait or were left by a dead worker; those that killed theirs too often fail here."""
    spent = _claimable().filter(attempts__gte=settings.MAX_ATTEMPTS)
    spent.update(
        state=State.FAILED,
        lease_token=None,
        lease_until=None,
        finished_at=Now(),
        error_code=ExportFailed.code,
        error_detail=ExportFailed.message,
    )
    return _claimable().count()


def expire() -> int:
    """Removes exports older than EXPORT_DAYS, and files whose writer died a day ago. Returns how many exports.
    Raises StorageAway; what it leaves then has no row, and goes with a later one."""
    old = Export.objects.filter(created_at__lt=Now() - timedelta(days=settings.EXPORT_DAYS)).exclude(
        state=State.RUNNING
    )
    ended = dict(old.order_by("created_at").values_list("id", "file_name")[:FORGET_LIMIT])
    Export.objects.filter(id__in=ended).delete()
    store.remove_exports([name for name in ended.values() if name])
    before = time.time() - ABANDONED_SECONDS
    known = set(Export.objects.exclude(file_name="").values_list("file_name", flat=True))
    store.remove_exports([name for name in store.abandoned_exports(before=before) if name not in known])
    for draft in _drafts().glob("*.part"):
        with suppress(FileNotFoundError):  # its writer ended meanwhile
            if draft.stat().st_mtime < before:
                draft.unlink()
    return len(ended)


def files_of(batch: Batch) -> list[str]:
    return list(Export.objects.filter(batch=batch).exclude(file_name="").values_list("file_name", flat=True))


def _drafts() -> Path:
    """Where this process writes; in a local folder, where the files stay too."""
    folder: Path = settings.EXPORTS
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _claimable() -> QuerySet[Export]:
    return Export.objects.filter(Q(state=State.WAITING) | Q(state=State.RUNNING, lease_until__lt=Now()))


def _take() -> Export | None:
    with transaction.atomic():
        waiting = _claimable().filter(attempts__lt=settings.MAX_ATTEMPTS).order_by("created_at")
        export = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if export is None:
            return None
        export.state = State.RUNNING
        export.attempts += 1
        export.lease_token = uuid.uuid4()
        export.lease_until = _lease_end()
        export.save(update_fields=["state", "attempts", "lease_token", "lease_until"])
    return export


def _lease_end() -> CombinedExpression:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _held(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(id=export.id, state=State.RUNNING, lease_token=export.lease_token)


def _write(export: Export, draft: Path) -> int:
    rows = 0
    with draft.open("xb") as file:
        with tables.writer(export.format, file) as write:
            for group in _read(export):
                write(group)
                rows += len(group)
                if not _held(export).update(lease_until=_lease_end()):
                    raise LeaseLost
        file.flush()
        os.fsync(file.fileno())
    return rows


def _read(export: Export) -> Iterator[list[Analysis]]:
    """By keyset: no transaction stays open for as long as the file takes, and each group costs the same."""
    rows = Analysis.objects.filter(batch_id=export.batch_id).select_related("image").defer("map", "faces", "quality")
    rows = rows.order_by("ordinal")
    if export.verdict:
        rows = rows.filter(verdict=export.verdict)
    if export.analysis_state:
        rows = rows.filter(state=export.analysis_state)
    group = list(rows[:ROWS_A_TIME])
    while group:
        yield group
        group = list(rows.filter(ordinal__gt=group[-1].ordinal)[:ROWS_A_TIME])


def _finish(export: Export, name: str, rows: int, byte_size: int) -> None:
    done = _held(export).update(
        state=State.DONE,
        lease_token=None,
        lease_until=None,
        rows=rows,
        byte_size=byte_size,
        file_name=name,
        finished_at=Now(),
    )
    if not done:
        raise LeaseLost
