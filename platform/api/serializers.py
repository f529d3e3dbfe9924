"""The shapes of every answer, in one place, because the schema and the dashboard's types are made from them."""

from typing import Any

from django.db import models
from django.urls import reverse
from rest_framework import serializers

from accounts.models import ApiToken
from batches import selectors
from batches.models import Analysis, Batch, State, Verdict


class BatchState(models.TextChoices):
    RUNNING = "running"
    FINISHED = "finished"


class Result(models.TextChoices):
    FAKE = "FAKE"
    REAL = "REAL"


class UserSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    is_staff = serializers.BooleanField()


class SessionSerializer(serializers.Serializer[Any]):
    user = UserSerializer(allow_null=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class CountsSerializer(serializers.Serializer[Batch]):
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class VerdictCountsSerializer(serializers.Serializer[Batch]):
    fake = serializers.IntegerField()
    real = serializers.IntegerField()
    inconclusive = serializers.IntegerField()
    not_assessed = serializers.IntegerField()


class BatchSerializer(serializers.Serializer[Batch]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=BatchState.choices)
    total = serializers.IntegerField()
    counts = CountsSerializer(source="*")
    verdicts = VerdictCountsSerializer(source="*")
    progress = serializers.FloatField(help_text="Share of images that have ended, 0 to 1.")
    images_per_second = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        open_count = batch.waiting + batch.running
        rate = selectors.rate_of(batch)
        return {
            "id": str(batch.id),
            "name": batch.name,
            "created_at": batch.created_at,
            "finished_at": batch.finished_at,
            "state": BatchState.RUNNING if open_count else BatchState.FINISHED,
            "total": batch.total,
            "counts": CountsSerializer(batch).data,
            "verdicts": VerdictCountsSerializer(batch).data,
            "progress": round(1 - open_count / batch.total, 4) if batch.total else 1.0,
            "images_per_second": rate.images_per_second,
            "seconds_left": rate.seconds_left,
        }


class PageQuerySerializer(serializers.Serializer[Any]):
    cursor = serializers.CharField(default=None, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=500, default=100)


class BatchPageSerializer(serializers.Serializer[Any]):
    next_cursor = serializers.CharField(allow_null=True)
    results = BatchSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    """Images and ZIP archives are told apart by their bytes, never by name or content type."""

    images = serializers.ListField(child=serializers.FileField())
    name = serializers.CharField(required=False, max_length=200, allow_blank=True)


class AcceptedFileSerializer(serializers.Serializer[Any]):
    filename = serializers.CharField()
    analysis = serializers.UUIDField()


class RejectedFileSerializer(serializers.Serializer[Any]):
    filename = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class UploadAnswerSerializer(serializers.Serializer[Any]):
    batch = BatchSerializer()
    accepted = AcceptedFileSerializer(many=True)
    rejected = RejectedFileSerializer(many=True)


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


class IntervalSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower end of the 95 % interval.")
    high = serializers.FloatField(help_text="Upper end of the 95 % interval.")


class ThresholdsSerializer(serializers.Serializer[Any]):
    real_below = serializers.FloatField()
    fake_from = serializers.FloatField()


class ModelTestSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Images in the test split, none of them seen in training.")
    accuracy = IntervalSerializer()
    auc = IntervalSerializer()


class ModelSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    recipe = serializers.CharField()
    engine = serializers.CharField()
    input_size = serializers.IntegerField()
    trained_on = serializers.CharField()
    limits = serializers.ListField(child=serializers.CharField())
    thresholds = ThresholdsSerializer()
    test = ModelTestSerializer(allow_null=True)  # null before the model was evaluated


class TokenSerializer(serializers.Serializer[ApiToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The first part of the token, to tell it from others; no secret.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")


class TokenListSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)


class IssuedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once; only its hash is kept.")


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457. `code` is stable; `detail` says what happened, whether anything was kept and what to do next."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # RFC 9457 members are ours
    rejected = RejectedFileSerializer(many=True, required=False)
