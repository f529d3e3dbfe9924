"""Analyses as the API lists them, a row each."""

from typing import Any

from django.db import models
from django.urls import reverse
from rest_framework import serializers

from batches.models import Analysis, Lean, State, Strength, Verdict
from detector.reasons import RULES


class Result(models.TextChoices):
    FAKE = "FAKE"
    REAL = "REAL"


class Effect(models.TextChoices):
    NOT_ASSESSED = "not_assessed"
    INCONCLUSIVE = "inconclusive"
    WARNING = "warning"


RULE_OF = {rule.code: rule for rule in RULES}


class AnalysisErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    """A rule by which the verdict was withheld or weakened, or may be doubted."""

    code = serializers.CharField()
    effect = serializers.ChoiceField(choices=Effect.choices)
    message = serializers.CharField()


class LikelihoodRatioSerializer(serializers.Serializer[Any]):
    """How much more often such a score is seen among synthetic faces than among photographs, with its 95 % interval;
    measured on sources and families that the model did not train on."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class FramesSerializer(serializers.Serializer[Any]):
    """Of an animation or a file of several pictures: how many there are, and how many of them were looked at."""

    count = serializers.IntegerField()
    examined = serializers.IntegerField(help_text="Of an animation all or evenly spaced ones, else the first alone.")
    deciding = serializers.IntegerField(help_text="Place, from 0, of the one that the score and the map are about.")


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
    strength = serializers.ChoiceField(
        choices=Strength.choices,
        allow_null=True,
        help_text="Support by the end of the likelihood ratio's interval that is nearer to one (ENFSI's verbal scale: "
        "weak from 2, moderate from 10, strong from 100); null where the model has no measured scale, and where "
        "nothing is assessed.",
    )
    likelihood_ratio = LikelihoodRatioSerializer(
        allow_null=True, help_text="Null without a scale, and where the score of such a file is not reliable."
    )
    lean = serializers.ChoiceField(
        choices=Lean.choices, allow_null=True, help_text="The side of an inconclusive verdict; `reasons` say why."
    )
    reasons = ReasonSerializer(many=True)
    stability = serializers.FloatField(
        allow_null=True,
        help_text="Share of four cheap re-encodings with the same answer, 0 to 1; null where none was made: "
        "the verdict is inconclusive already, or far from it.",
    )
    frames = FramesSerializer(allow_null=True, help_text="Null of a single image.")
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
            "strength": analysis.strength or None,
            "likelihood_ratio": analysis.likelihood_ratio,
            "lean": analysis.lean or None,
            "reasons": [reason_of(code) for code in analysis.reasons],
            "stability": analysis.stability,
            "frames": analysis.frames,
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


def error_of(analysis: Analysis) -> dict[str, str] | None:
    if not analysis.error_code:
        return None
    return {"code": analysis.error_code, "detail": analysis.error_detail}


def reason_of(code: str) -> dict[str, str]:
    if code in RULE_OF:
        return {"code": code, "effect": RULE_OF[code].effect, "message": RULE_OF[code].sentence}
    # A rule of another release: it cannot be said any more what it did.
    return {"code": code, "effect": Effect.WARNING, "message": code.replace("_", " ").capitalize()}
