"""Which images look alike: their perceptual hashes, kept in parts so that near ones are found through an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from batches.models import LIKENESS, Analysis, Image

PART_BITS = 16
# Bits that may differ. With one more, two hashes need not share a part, and some would be missed.
FARTHEST = len(LIKENESS) - 1
# Measured on 13,596 faces: one part is shared by 0.02 % of them, so at a million some 800 are looked at.
MOST_LOOKED_AT = 50_000
MOST_LIKE_IT = 500
MOST_SHOWN = 20


@dataclass(frozen=True)
class Similar:
    """An analysis of the same image or of one that looks like it; `distance` is in bits of 64."""

    analysis: Analysis
    distance: int


def keep(hashes: Mapping[str, str]) -> None:
    """Writes perceptual hashes (16 hex digits) by image, where there is none yet; inside the caller's transaction.

    In the order of the images: two workers that have some in common would otherwise dead-lock.
    """
    if not hashes:
        return
    assignments = ", ".join(f"{part} = %s" for part in LIKENESS)
    table = Image._meta.db_table
    values: list[tuple[int | str, ...]] = [(*_split(hashes[sha256]), sha256) for sha256 in sorted(hashes)]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {assignments} WHERE sha256 = %s AND {LIKENESS[0]} IS NULL",  # noqa: S608  (our names)
            values,
        )


def find(user: AbstractBaseUser, analysis: Analysis, perceptual_hash: str) -> list[Similar]:
    """The user's other analyses of this image and of those within 3 bits of it, the nearest first.

    What repeats an analysis with another model is left out: it is the same image in another light.
    """
    theirs = Analysis.objects.filter(batch__owner_id=user.pk, origin=None)
    distances = _measure_around(perceptual_hash, theirs) | {analysis.image_id: 0}
    others = theirs.filter(image_id__in=distances).exclude(id__in=[analysis.id, analysis.origin_id or analysis.id])
    latest = others.order_by("-created_at", "id").defer("map", "faces", "quality")[:MOST_LIKE_IT]
    found = [Similar(other, distances[other.image_id]) for other in latest]
    return sorted(found, key=lambda one: one.distance)[:MOST_SHOWN]


def _measure_around(perceptual_hash: str, theirs: QuerySet[Analysis]) -> dict[str, int]:
    """The distances of the images that are near enough and among theirs, the nearest first."""
    wanted = _split(perceptual_hash)
    shares_a_part = Q()
    for name, part in zip(LIKENESS, wanted, strict=True):
        shares_a_part |= Q(**{name: part})
    candidates = Image.objects.filter(shares_a_part, Exists(theirs.filter(image=OuterRef("pk"))))
    parts = candidates.values_list("sha256", *LIKENESS)[:MOST_LOOKED_AT]
    distances = {sha256: _differ(wanted, others) for sha256, *others in parts}
    near = sorted((distance, sha256) for sha256, distance in distances.items() if distance <= FARTHEST)
    return {sha256: distance for distance, sha256 in near[:MOST_LIKE_IT]}


def _split(perceptual_hash: str) -> list[int]:
    digits = PART_BITS // 4
    return [int(perceptual_hash[start : start + digits], 16) for start in range(0, len(LIKENESS) * digits, digits)]


def _differ(one: Sequence[int], other: Sequence[int]) -> int:
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))
