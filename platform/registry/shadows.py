"""What a shadow would have said: kept beside the results, never among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Case, Count, F, FloatField, Value, When

from batches.models import Analysis
from batches.results import Scored
from registry.models import ModelVersion, ShadowScore, State

MOST_COMPARED = 10_000  # the latest ones: a summary costs the same after a million


@dataclass(frozen=True)
class Summary:
    """The shadow's latest scores beside those of the version that is active now."""

    n: int
    agreement: float | None  # share with the same verdict
    mean_difference: float | None  # of fake probabilities: shadow less active


def record(version: str, scores: Mapping[UUID, Scored]) -> None:
    """Keeps a shadow's scores by analysis; written twice they stay as they are. Analyses that were deleted since are
    left out."""
    row = ModelVersion.objects.only("id").get(version=version)
    with transaction.atomic():
        # Locked, so that none is deleted before its score is written; in the order of their ids, as everywhere.
        there = Analysis.objects.filter(id__in=scores).order_by("id").select_for_update(no_key=True)
        ShadowScore.objects.bulk_create(
            (
                ShadowScore(
                    analysis_id=analysis_id,
                    model_version=row,
                    fake_probability=scores[analysis_id].fake_probability,
                    verdict=scores[analysis_id].verdict,
                    engine=scores[analysis_id].engine,
                )
                for analysis_id in there.values_list("id", flat=True)
            ),
            ignore_conflicts=True,
        )


def summary(version: ModelVersion) -> Summary:
    active = ModelVersion.objects.filter(state=State.ACTIVE).values("version")[:1]
    latest = (
        ShadowScore.objects.filter(model_version=version, analysis__model_version=active)
        .annotate(
            difference=F("fake_probability") - F("analysis__fake_probability"),
            agrees=Case(When(verdict=F("analysis__verdict"), then=Value(1.0)), default=0.0, output_field=FloatField()),
        )
        .order_by("-id")[:MOST_COMPARED]
    )
    found = latest.aggregate(n=Count("id"), agreement=Avg("agrees"), mean_difference=Avg("difference"))
    return Summary(**found)
