"""What a shadow would have said: kept beside the results, never among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Avg, Case, Count, F, FloatField, Value, When

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
    """Keeps a shadow's scores by analysis; written twice they stay as they are."""
    row = ModelVersion.objects.only("id").get(version=version)
    ShadowScore.objects.bulk_create(
        (
            ShadowScore(
                analysis_id=analysis_id,
                model_version=row,
                fake_probability=score.fake_probability,
                verdict=score.verdict,
                engine=score.engine,
            )
            for analysis_id, score in scores.items()
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
