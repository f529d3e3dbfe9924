"""The one shape of all errors."""

from typing import Any

from rest_framework import serializers

from api.serializers.batches import RejectedFileSerializer


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
