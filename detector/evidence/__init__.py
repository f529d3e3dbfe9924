"""Facts beside the score: what the file declares, how it was compressed, its spectrum and its likeness."""

from detector.evidence.compression import JpegFacts, jpeg
from detector.evidence.frequency import Band, dump_band, load_band, spectrum
from detector.evidence.likeness import perceptual_hash
from detector.evidence.provenance import Provenance, metadata

__all__ = [
    "Band",
    "JpegFacts",
    "Provenance",
    "dump_band",
    "jpeg",
    "load_band",
    "metadata",
    "perceptual_hash",
    "spectrum",
]
