"""Batches and uploads as the API shows them."""

from typing import Any

from django.db import models
from rest_framework import serializers

from batches import selectors
from batches.forecast import Forecast, Queue
from batches.models import Batch, Deletion, Lane, Verdict


class BatchState(models.TextChoices):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class CountsSerializer(serializers.Serializer[Batch]):
    waiting = serializers.IntegerField()
    paused = serializers.IntegerField()
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


class QueueSerializer(serializers.Serializer[Queue]):
    """Where a batch stands among all that wait in its lane; close, not exact."""

    lane = serializers.ChoiceField(choices=Lane.choices)
    place = serializers.IntegerField(help_text="Of its last waiting image in the order of work, from 1.")
    waiting = serializers.IntegerField(help_text="Images that wait in the lane, everybody's.")


class BatchSerializer(serializers.Serializer[Batch]):
    """Where the context has a `forecast` it is shown; in lists `queue` is null and the time left the batch's own."""

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
    seconds_left = serializers.FloatField(
        allow_null=True, help_text="At the measured speed; null while that is not known, and while paused."
    )
    queue = QueueSerializer(allow_null=True, help_text="Null in lists, and where nothing waits.")
    origin = serializers.UUIDField(allow_null=True, help_text="The batch whose images this one repeats.")
    model_version = serializers.CharField(
        allow_null=True, help_text="The model asked for; null: whichever was active when an image was judged."
    )

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        rate = selectors.rate_of(batch)
        forecast: Forecast = self.context.get("forecast") or Forecast(seconds_left=rate.seconds_left)
        return {
            "id": str(batch.id),
            "name": batch.name,
            "created_at": batch.created_at,
            "finished_at": batch.finished_at,
            "state": state_of(batch),
            "total": batch.total,
            "counts": CountsSerializer(batch).data,
            "verdicts": VerdictCountsSerializer(batch).data,
            "progress": round(1 - batch.open / batch.total, 4) if batch.total else 1.0,
            "images_per_second": rate.images_per_second,
            "seconds_left": forecast.seconds_left,
            "queue": forecast.queue and QueueSerializer(forecast.queue).data,
            "origin": batch.origin_id and str(batch.origin_id),
            "model_version": batch.model_version or None,
        }


def state_of(batch: Batch) -> BatchState:
    if batch.cancelled_at:
        return BatchState.CANCELLED
    if not batch.open:
        return BatchState.FINISHED
    return BatchState.PAUSED if batch.paused_at else BatchState.RUNNING


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


class Which(models.TextChoices):
    FAILED = "failed"
    ALL = "all"


class RetrySerializer(serializers.Serializer[Any]):
    """`failed`: what failed or was set aside. `all`: everything without a result, so also what was cancelled; images
    with a result are judged again in a new batch (reanalyse)."""

    which = serializers.ChoiceField(choices=Which.choices, default=Which.FAILED)


class DeletionSerializer(serializers.Serializer[Deletion]):
    """The receipt of a deleted batch."""

    id = serializers.UUIDField()
    batch = serializers.UUIDField(source="batch_id")
    deleted_by = serializers.CharField(
        source="deleted_by.username", allow_null=True, default=None, help_text="Null: the retention rule."
    )
    deleted_at = serializers.DateTimeField()
    batch_created_at = serializers.DateTimeField()
    analyses = serializers.IntegerField()
    files = serializers.IntegerField(help_text="Stored images deleted with it; others use the rest.")
    byte_size = serializers.IntegerField(help_text="Of these files.")
    digest = serializers.CharField(
        help_text="SHA-256 over a line `<analysis id> <SHA-256 of its image>` for each analysis, in the order of ids."
    )


class DeletionPageSerializer(serializers.Serializer[Any]):
    next_cursor = serializers.CharField(allow_null=True)
    results = DeletionSerializer(many=True)


class ReanalysisSerializer(serializers.Serializer[Any]):
    """Without verdicts and probabilities: every image with a result."""

    model_version = serializers.CharField()
    verdicts = serializers.ListField(child=serializers.ChoiceField(choices=Verdict.choices), default=list)
    min_probability = serializers.FloatField(min_value=0, max_value=1, default=None, help_text="Of being fake.")
    max_probability = serializers.FloatField(min_value=0, max_value=1, default=None, help_text="Of being fake.")


class ChangeSerializer(serializers.Serializer[Any]):
    before = serializers.ChoiceField(choices=Verdict.choices)
    after = serializers.ChoiceField(choices=Verdict.choices)
    count = serializers.IntegerField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """A batch that repeats another, beside it; all zero where it repeats none."""

    same = serializers.IntegerField(help_text="Images with the same verdict in both.")
    changed = serializers.IntegerField()
    changes = ChangeSerializer(many=True)
