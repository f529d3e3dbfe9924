"""Analyses as the API shows them: a row in a list, and one with its evidence."""

from typing import Any

from django.db import models
from django.urls import reverse
from rest_framework import serializers

from batches.models import Analysis, State, Verdict


class Result(models.TextChoices):
    FAKE = "FAKE"
    REAL = "REAL"


class AnalysisErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class AnalysisRowSerializer(serializers.Serializer[Analysis]):
    id = serializers.UUIDField()
    batch = serializers.UUIDField()
    ordinal = serializers.IntegerField(help_text="Place in its batch, from 0.")
    filename = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    result = serializers.ChoiceField(choices=Result.choices, allow_null=True)
    fake_probability = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, help_text="Per cent, 50 to 100.")
    model_version = serializers.CharField()
    error = AnalysisErrorSerializer(allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    image_url = serializers.CharField()
    thumbnail_url = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, analysis: Analysis) -> dict[str, Any]:
        # Written out: a page has up to 500 rows, and field-by-field rendering costs ten times as much.
        probability = analysis.fake_probability
        return {
            "id": str(analysis.id),
            "batch": str(analysis.batch_id),
            "ordinal": analysis.ordinal,
            "filename": analysis.filename,
            "state": analysis.state,
            "verdict": analysis.verdict or None,
            "result": None if probability is None else Result.FAKE if probability >= 0.5 else Result.REAL,
            "fake_probability": probability,
            "confidence": None if probability is None else 100 * max(probability, 1 - probability),
            "model_version": analysis.model_version,
            "error": error_of(analysis),
            "width": analysis.image.width,
            "height": analysis.image.height,
            "image_url": reverse("analysis-image", args=[analysis.id]),
            "thumbnail_url": reverse("analysis-thumbnail", args=[analysis.id]),
            "finished_at": analysis.finished_at,
        }


class AnalysisPageSerializer(serializers.Serializer[Any]):
    next_cursor = serializers.CharField(allow_null=True)
    results = AnalysisRowSerializer(many=True)


class MapSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()
    values = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="Rows of cells; a positive cell pushed the score towards fake.",
    )


class TimingsSerializer(serializers.Serializer[Any]):
    decode_ms = serializers.FloatField(allow_null=True)
    forward_ms = serializers.FloatField(allow_null=True)
    waited_ms = serializers.FloatField()


class AnalysisSerializer(AnalysisRowSerializer):
    batch_name = serializers.CharField()
    sha256 = serializers.CharField()
    byte_size = serializers.IntegerField()
    format = serializers.CharField()
    map = MapSerializer(allow_null=True)
    engine = serializers.CharField()
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    timings = TimingsSerializer(allow_null=True)

    def to_representation(self, analysis: Analysis) -> dict[str, Any]:
        return super().to_representation(analysis) | {
            "batch_name": analysis.batch.name,
            "sha256": analysis.image_id,
            "byte_size": analysis.image.byte_size,
            "format": analysis.image.format,
            "map": map_of(analysis),
            "engine": analysis.engine,
            "attempts": analysis.attempts,
            "created_at": analysis.created_at,
            "started_at": analysis.started_at,
            "timings": timings_of(analysis),
        }


def error_of(analysis: Analysis) -> dict[str, str] | None:
    if not analysis.error_code:
        return None
    return {"code": analysis.error_code, "detail": analysis.error_detail}


def map_of(analysis: Analysis) -> dict[str, Any] | None:
    if not analysis.map:
        return None
    return {"rows": len(analysis.map), "columns": len(analysis.map[0]), "values": analysis.map}


def timings_of(analysis: Analysis) -> dict[str, float | None] | None:
    if analysis.started_at is None:
        return None
    waited = analysis.started_at - analysis.created_at
    return {
        "decode_ms": analysis.decode_ms,
        "forward_ms": analysis.forward_ms,
        "waited_ms": round(waited.total_seconds() * 1000, 1),
    }
