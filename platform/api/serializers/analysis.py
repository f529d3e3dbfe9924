"""One analysis as the API shows it: its row, with the evidence and with what the card says about such an answer."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from api.evidence import find_deciding
from api.serializers.analyses import AnalysisRowSerializer
from api.serializers.model import IntervalSerializer, ThresholdsSerializer
from batches.models import Analysis, Verdict
from detector.card import Card
from detector.faces import Area, frame
from registry import bundles


class MapSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()
    values = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="Rows of cells; a positive cell pushed the score towards fake.",
    )
    x = serializers.IntegerField(help_text="The part of the upright image that the cells cover: its left edge.")
    y = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class FaceSerializer(serializers.Serializer[Any]):
    """A box from brows to chin with the score of the square around it.

    In pixels of the upright image, decoded and turned as its EXIF orientation says: the `width` and `height` of the
    analysis. The picture at `image_url` may be smaller than that by the same factor on both sides.
    """

    x = serializers.IntegerField(help_text="Left edge, from the left.")
    y = serializers.IntegerField(help_text="Upper edge, from the top.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    fake_probability = serializers.FloatField()
    verdict = serializers.ChoiceField(choices=Verdict.choices, help_text="By the score of this face alone.")


class QualitySerializer(serializers.Serializer[Any]):
    """What bounds the trust in a score; the last two but one are measured around the largest face."""

    jpeg_quality = serializers.IntegerField(allow_null=True, help_text="1 to 100, estimated; null of other formats.")
    sharpness = serializers.FloatField(help_text="0 to 1.")
    fine_detail = serializers.FloatField(help_text="Log10 of the power in the fine frequencies by the middle ones.")
    is_greyscale = serializers.BooleanField()
    face_px = serializers.IntegerField(help_text="Side of the largest face in the original; 0 where none was found.")


class ErrorRateSerializer(serializers.Serializer[Any]):
    """How often definite verdicts were wrong on held-out images of this image's quality, and how many were definite."""

    name = serializers.CharField()
    reals = serializers.IntegerField()
    fakes = serializers.IntegerField()
    false_alarms = IntervalSerializer()
    misses = IntervalSerializer()
    coverage = IntervalSerializer()


class BandsSerializer(serializers.Serializer[Any]):
    """How the thresholds were chosen: the limits asked for, the images asked, the 95 % upper bounds reached."""

    false_alarm_limit = serializers.FloatField()
    miss_limit = serializers.FloatField()
    reals = serializers.IntegerField()
    fakes = serializers.IntegerField()
    false_alarm_bound = serializers.FloatField()
    miss_bound = serializers.FloatField()


class TimingsSerializer(serializers.Serializer[Any]):
    decode_ms = serializers.FloatField(allow_null=True)
    forward_ms = serializers.FloatField(allow_null=True)
    waited_ms = serializers.FloatField()


class AnalysisSerializer(AnalysisRowSerializer):
    batch_name = serializers.CharField()
    original_url = serializers.CharField(
        help_text="The file as it was sent; without metadata where the installation says so."
    )
    sha256 = serializers.CharField()
    byte_size = serializers.IntegerField()
    format = serializers.CharField()
    map = MapSerializer(allow_null=True, help_text="Null where nothing is assessed.")
    faces = FaceSerializer(many=True, help_text="Largest first; the one with the highest score decides.")
    quality = QualitySerializer(allow_null=True)
    thresholds = ThresholdsSerializer(
        allow_null=True, help_text="Of the version and engine that judged; null where it is no longer here."
    )
    bands = BandsSerializer(allow_null=True)
    error_rate = ErrorRateSerializer(allow_null=True, help_text="Null where none is known for such images.")
    engine = serializers.CharField()
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    timings = TimingsSerializer(allow_null=True)
    origin = serializers.UUIDField(allow_null=True, help_text="The analysis that this one repeats with another model.")
    repeats = serializers.ListField(child=serializers.UUIDField(), help_text="Analyses that repeat this one.")

    def to_representation(self, analysis: Analysis) -> dict[str, Any]:
        return super().to_representation(analysis) | {
            "batch_name": analysis.batch.name,
            "original_url": reverse("analysis-original", args=[analysis.id]),
            "sha256": analysis.image_id,
            "byte_size": analysis.image.byte_size,
            "format": analysis.image.format,
            "map": map_of(analysis),
            "faces": FaceSerializer(analysis.faces, many=True).data,
            "quality": analysis.quality and QualitySerializer(analysis.quality).data,
            **figures_of(analysis),
            "engine": analysis.engine,
            "attempts": analysis.attempts,
            "created_at": analysis.created_at,
            "started_at": analysis.started_at,
            "timings": timings_of(analysis),
            "origin": analysis.origin_id and str(analysis.origin_id),
            "repeats": [str(repeat.id) for repeat in analysis.repeats.order_by("created_at").only("id")],
        }


def figures_of(analysis: Analysis) -> dict[str, Any]:
    """What the card of the version that judged says about such an answer."""
    found = bundles.find(analysis.model_version) if analysis.model_version else None
    engine = found.card.engines.get(analysis.engine) if found else None
    if not found or not engine:
        return {"thresholds": None, "bands": None, "error_rate": None}
    return {
        "thresholds": ThresholdsSerializer(engine.thresholds).data,
        "bands": engine.bands and BandsSerializer(engine.bands).data,
        "error_rate": error_rate_of(found.card, analysis),
    }


def error_rate_of(card: Card, analysis: Analysis) -> dict[str, Any] | None:
    rate = card.error_rate_for(analysis.quality["jpeg_quality"]) if analysis.quality else None
    return ErrorRateSerializer(rate).data if rate else None


def map_of(analysis: Analysis) -> dict[str, Any] | None:
    if not analysis.map or analysis.verdict == Verdict.NOT_ASSESSED:
        return None
    width, height = analysis.image.width, analysis.image.height
    face = find_deciding(analysis)
    area = Area(0, 0, width, height) if face is None else frame(width, height, face)
    return {"rows": len(analysis.map), "columns": len(analysis.map[0]), "values": analysis.map} | area._asdict()


def timings_of(analysis: Analysis) -> dict[str, float | None] | None:
    if analysis.started_at is None:
        return None
    waited = analysis.started_at - analysis.created_at
    return {
        "decode_ms": analysis.decode_ms,
        "forward_ms": analysis.forward_ms,
        "waited_ms": round(waited.total_seconds() * 1000, 1),
    }
