"""An image file becomes what an assessment needs: its faces as the model sees them, and its quality."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import decode, faces, preprocess, quality, reasons
from detector.evidence.likeness import perceptual_hash
from detector.faces import Face
from detector.preprocess import InputSpec
from detector.quality import Quality

_MOST_FACES = 8


@dataclass(frozen=True)
class Examined:
    """An image looked at once; `pixels` is uint8 (n, size, size, 3) RGB, a square for each of `faces`.

    `faces` are those large enough to judge, else the largest alone, at most 8, largest first; where there
    is none, `pixels` holds the whole image. `face_count` counts all that were found. `perceptual_hash` is that
    of the whole image, as evidence.perceptual_hash gives it.
    """

    width: int
    height: int
    face_count: int
    faces: tuple[Face, ...]
    pixels: NDArray[np.uint8]
    quality: Quality
    perceptual_hash: str = ""


def examine(content: bytes, spec: InputSpec, face_model: Path | None = None) -> Examined:
    """Decode once, find the faces, cut them out; raises the leaves of DecodeError."""
    decoded = decode.unpack(content)
    image = decoded.pixels
    found = faces.find(image, face_model)
    kept = [face for face in found if face.side >= reasons.MIN_FACE_PX] or found[:1]
    kept = kept[:_MOST_FACES]
    views = [faces.crop(image, face) for face in kept] or [image]
    pixels = np.stack([preprocess.fit(view, spec) for view in views])
    return Examined(
        width=image.shape[1],
        height=image.shape[0],
        face_count=len(found),
        faces=tuple(kept),
        pixels=pixels,
        quality=quality.measure(
            _not_enlarged(views[0], pixels[0]), decoded.luminance_table, kept[0].side if kept else 0
        ),
        perceptual_hash=perceptual_hash(image),
    )


def _not_enlarged(view: NDArray[np.uint8], fitted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the file itself has to show: enlarging it is our doing."""
    return view if min(view.shape[:2]) < len(fitted) else fitted
