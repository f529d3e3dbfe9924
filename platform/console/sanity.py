"""Holds rows against files and counters against rows: what is missing, damaged, left over, or does not add up."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from batches import counters, deletion, store
from batches.errors import FileCorrupt, FileMissing
from batches.models import Analysis, Batch, Image, State, Verdict
from detector.errors import BundleError
from registry import bundles
from registry.errors import RegistryError
from registry.models import ModelVersion

ORPHAN_SECONDS = 24 * 3600  # before a file without a row is removed
LOOK_UP = 500  # rows asked for in one query


@dataclass(frozen=True)
class Finding:
    kind: str  # missing | corrupt | unread | orphan | counters | model
    what: str  # the SHA-256, batch or version
    detail: str
    is_mended: bool = False


def check(*, with_hashes: bool) -> Iterator[Finding]:
    """Looks only. May run beside a working system; with hashes it reads every stored byte."""
    yield from find_damage(with_hashes=with_hashes)
    for path in orphans():
        yield Finding("orphan", path.name, "A file that no row knows.")
    for batch_id in troubled_batches():
        if detail := compare_counters(batch_id):
            yield Finding("counters", str(batch_id), detail)
    yield from find_broken_models()


def repair() -> Iterator[Finding]:
    """Removes files that no row has known for a day, and counts the counters of batches anew."""
    for path in orphans():
        if not _has_lain(path, ORPHAN_SECONDS):
            yield Finding("orphan", path.name, "Younger than a day: it stays.")
        elif deletion.remove_files([path.name]):
            yield Finding("orphan", path.name, "A file that no row knew: removed.", is_mended=True)
    for batch_id in troubled_batches():
        if detail := recount(batch_id):
            yield Finding("counters", str(batch_id), detail, is_mended=True)


def find_damage(*, with_hashes: bool) -> Iterator[Finding]:
    """Raises StorageAway."""
    for image in _images():
        found = _damage_of(image, with_hashes=with_hashes)
        if found and Image.objects.filter(sha256=image.sha256).exists():  # else it was deleted since it was listed
            yield found


def _images() -> Iterator[Image]:
    """By many short queries: a long one would keep SQLite from trimming its log for as long as all files are read."""
    images = Image.objects.only("sha256", "byte_size").order_by("sha256")
    last = ""
    while group := list(images.filter(sha256__gt=last)[:LOOK_UP]):
        yield from group
        last = group[-1].sha256


def _damage_of(image: Image, *, with_hashes: bool) -> Finding | None:
    try:
        if with_hashes:
            store.read(image.sha256)
            return None
        if settings.S3_BUCKET:
            if store.missing([image.sha256]):
                raise FileMissing
            return None
        size = store.path_of(image.sha256).stat().st_size
    except (FileMissing, FileNotFoundError):
        return Finding("missing", image.sha256, "Its file is gone. Send the image again, or restore a backup.")
    except FileCorrupt:
        return Finding("corrupt", image.sha256, "Its bytes have changed. Send the image again: that heals it.")
    except OSError as error:
        detail = f"Its file cannot be read: {error.strerror}. Look at the disk and at whose file it is."
        return Finding("unread", image.sha256, detail)
    if size == image.byte_size:
        return None
    detail = f"{size} bytes where {image.byte_size} were stored. Send the image again: that heals it."
    return Finding("corrupt", image.sha256, detail)


def orphans() -> Iterator[Path]:
    """Stored files without a row, but for those of the last hour: a file comes before its row."""
    files = (path for path in settings.FILES.glob("*/*/*") if path.is_file())
    while group := list(islice(files, LOOK_UP)):
        known = set(Image.objects.filter(sha256__in=[path.name for path in group]).values_list("sha256", flat=True))
        unknown = (path for path in group if path.name not in known)
        yield from (path for path in unknown if _has_lain(path, store.ABANDONED_SECONDS))


def _has_lain(path: Path, seconds: float) -> bool:
    """Whether it is there, for as long as that."""
    try:
        return time.time() - path.stat().st_mtime >= seconds
    except FileNotFoundError:
        return False


def troubled_batches() -> list[UUID]:
    """Whose counters differ from their rows at first sight. Reads every row once; while work goes on a batch may move
    between the two looks, so each is looked at again under its lock."""
    counted: dict[UUID, Counter[str]] = {}
    rows = Analysis.objects.order_by().values_list("batch_id", "state", "verdict").annotate(count=Count("id"))
    for batch_id, state, verdict, count in rows.iterator():
        counted.setdefault(batch_id, Counter()).update(_counters(state, verdict, count))
    return [
        batch.id
        for batch in Batch.objects.order_by("id").iterator(chunk_size=2_000)
        if _differing(batch, counted.get(batch.id, Counter()))
    ]


def compare_counters(batch_id: UUID) -> str:
    """What differs, in words; empty where all adds up, or the batch is gone."""
    with transaction.atomic():
        # Whoever moves rows moves the counters in the same transaction, which needs this lock: both stand still.
        batch = counters.lock([batch_id]).get(batch_id)
        return _tell(batch, _count(batch_id)) if batch else ""


def recount(batch_id: UUID) -> str:
    """Writes the counters as the rows are, and returns what differed."""
    with transaction.atomic():
        batch = counters.lock([batch_id]).get(batch_id)
        if batch is None:
            return ""
        counted = _count(batch_id)
        counters.move(
            {batch_id: Counter({field: counted[field] - getattr(batch, field) for field in _differing(batch, counted)})}
        )
        return _tell(batch, counted)


def _count(batch_id: UUID) -> Counter[str]:
    counted: Counter[str] = Counter()
    rows = Analysis.objects.filter(batch_id=batch_id).order_by().values_list("state", "verdict")
    for state, verdict, count in rows.annotate(count=Count("id")):
        counted.update(_counters(state, verdict, count))
    return counted


def _counters(state: str, verdict: str, count: int) -> dict[str, int]:
    return {"total": count, state: count} | ({verdict: count} if verdict else {})


def _differing(batch: Batch, counted: Counter[str]) -> list[str]:
    fields = ("total", *State.values, *Verdict.values)
    return [field for field in fields if getattr(batch, field) != counted[field]]


def _tell(batch: Batch, counted: Counter[str]) -> str:
    return ", ".join(
        f"{field} says {getattr(batch, field)}, the rows {counted[field]}" for field in _differing(batch, counted)
    )


def find_broken_models() -> Iterator[Finding]:
    for version in ModelVersion.objects.order_by("id").values_list("version", flat=True):
        try:
            bundles.check(version)
        except (BundleError, RegistryError) as error:
            yield Finding("model", version, f"{error} Import the bundle again: manage.py model import.")
