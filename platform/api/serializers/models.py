"""Model versions as the API shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.model import ModelTestSerializer
from registry import shadows
from registry.models import Activation, Kind, ModelVersion, State


class ModelVersionSerializer(serializers.Serializer[ModelVersion]):
    version = serializers.CharField()
    name = serializers.CharField()
    recipe = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    is_shipped = serializers.BooleanField(help_text="Came with the program.")
    problem = serializers.CharField(help_text="Why it cannot be used although it should be; else empty.")
    imported_at = serializers.DateTimeField()
    imported_by = serializers.CharField(
        source="imported_by.username", default=None, allow_null=True, help_text="Null: the program or its command line."
    )
    test = serializers.SerializerMethodField()

    @extend_schema_field(ModelTestSerializer(allow_null=True))
    def get_test(self, version: ModelVersion) -> dict[str, Any] | None:
        measured = version.metrics.get(settings.ENGINE)
        return ModelTestSerializer(measured).data if measured else None


class ShadowSummarySerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Images it scored beside the active version, the latest 10,000.")
    agreement = serializers.FloatField(allow_null=True, help_text="Share with the same verdict.")
    mean_difference = serializers.FloatField(
        allow_null=True, help_text="Of the fake probabilities: this version's less the active one's."
    )


class ModelVersionDetailSerializer(ModelVersionSerializer):
    card = serializers.DictField(help_text="Everything the bundle says about itself.")
    files = serializers.DictField(child=serializers.CharField(), help_text="File name to SHA-256.")
    shadow = serializers.SerializerMethodField()

    @extend_schema_field(ShadowSummarySerializer)
    def get_shadow(self, version: ModelVersion) -> dict[str, Any]:
        return ShadowSummarySerializer(shadows.summary(version)).data


class ActivationSerializer(serializers.Serializer[Activation]):
    version = serializers.CharField(source="version.version")
    previous = serializers.CharField(source="previous.version", default=None, allow_null=True)
    kind = serializers.ChoiceField(choices=Kind.choices)
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)


class ModelListSerializer(serializers.Serializer[Any]):
    results = ModelVersionSerializer(many=True)
    activations = ActivationSerializer(many=True, help_text="The latest 100, the newest first.")


class BundleSerializer(serializers.Serializer[Any]):
    """A ZIP with the files of one bundle at its top."""

    bundle = serializers.FileField()
