"""Works out, from an analysis's stored bytes, what speaks for or against the image beside its score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api import engine
from api.renditions import decoding
from batches import store
from batches.models import Analysis
from detector import decode, faces, preprocess
from detector.bundle import Bundle
from detector.errors import BundleError
from detector.evidence import (
    Band,
    JpegFacts,
    Provenance,
    jpeg,
    load_band,
    metadata,
    perceptual_hash,
    provenance,
    spectrum,
)
from detector.faces import Face
from registry import bundles


@dataclass(frozen=True)
class Evidence:
    """`profile` is float32 (128,), of what the model saw; `band` that of photographs, where the bundle has one."""

    provenance: Provenance
    jpeg: JpegFacts | None
    profile: NDArray[np.float32]
    band: Band | None
    perceptual_hash: str


def gather(analysis: Analysis) -> Evidence:
    """Raises FileMissing, FileCorrupt and the leaves of DecodeError."""
    content = store.read(analysis.image_id)
    judged_by = bundles.find(analysis.model_version) if analysis.model_version else None
    spec = judged_by.card.input if judged_by else engine.card().input
    with decoding:
        image = decode.decode(content)
        place = analysis.frames["deciding"] if analysis.frames else 0
        judged = decode.unpack(content, place=place).pixels if place else image
        return Evidence(
            provenance=metadata(content),
            jpeg=jpeg(content),
            profile=spectrum(preprocess.fit(_see(judged, analysis), spec)),
            band=_read_band(judged_by),
            perceptual_hash=perceptual_hash(image),
        )


def locate(analysis: Analysis) -> Mapping[str, str]:
    """Where the image was taken, as its EXIF has it; raises as `gather`."""
    return provenance.position(store.read(analysis.image_id))


def find_deciding(analysis: Analysis) -> Face | None:
    """The face whose score is the image's, None where no face was found."""
    if not analysis.faces:
        return None
    deciding = max(analysis.faces, key=lambda face: face["fake_probability"])
    return Face(*(deciding[side] for side in ("x", "y", "width", "height")))


def _see(image: NDArray[np.uint8], analysis: Analysis) -> NDArray[np.uint8]:
    """What the model saw when it decided: the square around the face with the highest score, or the whole image."""
    deciding = find_deciding(analysis)
    return image if deciding is None else faces.crop(image, deciding)


def _read_band(judged_by: Bundle | None) -> Band | None:
    if judged_by is None or judged_by.card.spectrum is None:
        return None
    try:
        return load_band(judged_by.verify(judged_by.card.spectrum))
    except BundleError:
        return None
