"""What speaks for or against an image beside its score, as the API shows it."""

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from drf_spectacular.utils import extend_schema_field
from numpy.typing import NDArray
from rest_framework import serializers

from api.evidence import Evidence
from batches.likeness import Similar
from batches.models import Verdict
from detector.evidence import Provenance
from detector.evidence.credentials import State


class DeclaredAiSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="Where the file says so: c2pa, iptc, or the name of a text or an EXIF entry.")
    detail = serializers.CharField()


class CredentialsSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=get_args(State),
        help_text="`signed`: as it was signed, by somebody unknown. `trusted`: by a known signer. `remote`: kept "
        "elsewhere and not fetched.",
    )
    signer = serializers.CharField(allow_null=True)
    generator = serializers.CharField(allow_null=True)


class JpegSerializer(serializers.Serializer[Any]):
    quality = serializers.IntegerField(help_text="1 to 100, estimated.")
    subsampling = serializers.CharField(allow_null=True)
    double_compression = serializers.BooleanField(source="is_double", help_text="Signs of an earlier compression.")


class SpectrumSerializer(serializers.Serializer[Any]):
    """Log10 power of what the model saw, from frequency 0 to one half in 128 steps, and the photographs' band."""

    profile = serializers.ListField(child=serializers.FloatField())
    low = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="5 % of photographs.")
    middle = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="Their median.")
    high = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="95 %.")


class SimilarSerializer(serializers.Serializer[Any]):
    analysis_id = serializers.UUIDField(source="analysis.id")
    batch_id = serializers.UUIDField(source="analysis.batch_id")
    filename = serializers.CharField(source="analysis.filename")
    distance = serializers.IntegerField(help_text="Bits of 64 in which the perceptual hashes differ, 0 to 3.")
    verdict = serializers.SerializerMethodField()
    fake_probability = serializers.FloatField(source="analysis.fake_probability", allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=Verdict.choices, allow_null=True))
    def get_verdict(self, similar: Similar) -> str | None:
        return similar.analysis.verdict or None


class EvidenceSerializer(serializers.Serializer[Any]):
    metadata = serializers.DictField(
        child=serializers.CharField(), help_text="What cameras and programs noted, by name; without the position."
    )
    declared_ai = DeclaredAiSerializer(
        allow_null=True, help_text="A statement in the file; the score knows nothing of it."
    )
    c2pa = CredentialsSerializer()
    jpeg = JpegSerializer(allow_null=True)
    spectrum = SpectrumSerializer()
    similar = SimilarSerializer(many=True, help_text="Your own analyses of the same image or one that looks like it.")

    def to_representation(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        found: Evidence = parts["found"]
        said = found.provenance
        return {
            "metadata": {**facts_of(said), **parts["place"]},
            "declared_ai": declared_by(said),
            "c2pa": CredentialsSerializer(said.credentials).data,
            "jpeg": found.jpeg and JpegSerializer(found.jpeg).data,
            "spectrum": spectrum_of(found),
            "similar": SimilarSerializer(parts["similar"], many=True).data,
        }


def facts_of(said: Provenance) -> dict[str, str]:
    texts = {f"text {key}": text for key, text in said.texts.items()}
    source_type = {"DigitalSourceType": said.digital_source_type} if said.digital_source_type else {}
    frames = {"Frames": str(said.frames)} if said.frames > 1 else {}
    return {**said.exif, **texts, **source_type, **frames}


def declared_by(said: Provenance) -> dict[str, str] | None:
    """The first of the declarations: they come with the most trustworthy first."""
    if not said.declarations:
        return None
    return {"by": said.declarations[0].place, "detail": said.declarations[0].words}


def spectrum_of(found: Evidence) -> dict[str, list[float] | None]:
    band = found.band
    return {
        "profile": round_off(found.profile),
        "low": round_off(band.low) if band else None,
        "middle": round_off(band.middle) if band else None,
        "high": round_off(band.high) if band else None,
    }


def round_off(curve: NDArray[np.float32]) -> list[float]:
    return [round(value, 3) for value in curve.tolist()]
