"""Exports as the API shows them."""

from typing import Any

from django.db import models
from django.urls import reverse
from rest_framework import serializers

from api.serializers.analyses import AnalysisErrorSerializer
from batches import exports
from batches.models import Export, Format, State, Verdict


class ExportState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ExportRequestSerializer(serializers.Serializer[Any]):
    """Without a verdict and a state: every image of the batch."""

    format = serializers.ChoiceField(choices=Format.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, required=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)


class ExportSerializer(serializers.Serializer[Export]):
    id = serializers.UUIDField()
    batch = serializers.UUIDField()
    format = serializers.ChoiceField(choices=Format.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True, help_text="Of these images alone.")
    analysis_state = serializers.ChoiceField(choices=State.choices, allow_null=True)
    state = serializers.ChoiceField(choices=ExportState.choices)
    rows = serializers.IntegerField()
    byte_size = serializers.IntegerField()
    error = AnalysisErrorSerializer(allow_null=True)
    file_url = serializers.CharField(allow_null=True, help_text="Null until it is written.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()

    def to_representation(self, export: Export) -> dict[str, Any]:
        error = {"code": export.error_code, "detail": export.error_detail} if export.error_code else None
        return {
            "id": str(export.id),
            "batch": str(export.batch_id),
            "format": export.format,
            "verdict": export.verdict or None,
            "analysis_state": export.analysis_state or None,
            "state": export.state,
            "rows": export.rows,
            "byte_size": export.byte_size,
            "error": error,
            "file_url": reverse("export-file", args=[export.id]) if export.state == State.DONE else None,
            "created_at": export.created_at,
            "finished_at": export.finished_at,
            "expires_at": exports.expiry_of(export),
        }


class ExportListSerializer(serializers.Serializer[Any]):
    results = ExportSerializer(many=True)
