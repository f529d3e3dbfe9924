"""An image file becomes what an assessment needs: its faces as the model sees them, and its quality."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import decode, faces, frames, preprocess, quality, reasons
from detector.decode import Decoded
from detector.errors import DecodeError
from detector.evidence.likeness import perceptual_hash
from detector.faces import Area, Face
from detector.preprocess import InputSpec
from detector.quality import Quality

_MOST_FACES = 8

# Four times what the search for small faces looks at. Of 40 faces laid into 12 megapixels 1 verdict changed against
# the whole image's, at half of this side 3, and 3 when the file is saved again at quality 91: a cascade's box jitters.
_FINDING_SIDE = 1468
# Pixels a side of a face's square by those the model sees. Of 34 photographs in such a square halved by libjpeg the
# logit moved by 0.22 at most and 0.10 in the median; at 1.5 times by 0.42, at once by 0.67.
_SPARE = 2


@dataclass(frozen=True)
class Examined:
    """An image looked at once; `pixels` is uint8 (n, size, size, 3) RGB, a square for each of `faces`.

    `faces` are those large enough to judge, else the largest alone, at most 8, largest first; where there
    is none, `pixels` holds the whole image. `face_count` counts all that were found. `perceptual_hash` is that
    of the whole image, as evidence.perceptual_hash gives it, empty where it was not asked for.

    All but `later` is about one frame of the file, the first or the one at `place`; `frames` says how many it has,
    `frames_examined` how many of them were looked at, and `later` holds the others of these.
    """

    width: int
    height: int
    face_count: int
    faces: tuple[Face, ...]
    pixels: NDArray[np.uint8]
    quality: Quality
    perceptual_hash: str = ""
    frames: int = 1
    frames_examined: int = 1
    place: int = 0
    later: tuple["Examined", ...] = ()


def examine(content: bytes, spec: InputSpec, face_model: Path | None = None, *, is_hashed: bool = False) -> Examined:
    """Decode, find the faces, cut them out; raises the leaves of DecodeError.

    A JPEG of at least twice _FINDING_SIDE on its shorter side is decoded at a half, a quarter or an eighth for the
    faces to be found; at more, or whole, where a face's square would otherwise not have _SPARE times the pixels that
    the model sees. Faces and sizes are told in pixels of the file either way. Smaller images are decoded whole and
    once. Of an animation all frames are examined, or as many as frames.choose takes.
    """
    decoded = decode.unpack(content, short_side=_FINDING_SIDE)
    first = _examine(decoded, content, spec, face_model)
    later = _examine_later(decoded, content, spec, face_model) if decoded.is_animated else []
    return replace(
        first,
        perceptual_hash=perceptual_hash(decoded.pixels) if is_hashed else "",
        frames_examined=1 + len(later),
        later=tuple(replace(each, frames_examined=1 + len(later)) for each in later),
    )


def _examine_later(first: Decoded, content: bytes, spec: InputSpec, face_model: Path | None) -> list[Examined]:
    """The further frames that are looked at, up to the first that cannot be decoded: browsers stop there too."""
    examined: list[Examined] = []
    places = frames.choose(first.frames, first.width, first.height)[1:]
    with suppress(DecodeError):
        for decoded in decode.unpack_frames(content, places):
            examined.append(_examine(decoded, content, spec, face_model))
    return examined


def _examine(decoded: Decoded, content: bytes, spec: InputSpec, face_model: Path | None) -> Examined:
    found = [_enlarge(face, decoded) for face in faces.find(decoded.pixels, face_model, reduction=decoded.reduction)]
    kept = [face for face in found if face.side >= reasons.MIN_FACE_PX] or found[:1]
    kept = kept[:_MOST_FACES]
    squares = [faces.frame(decoded.width, decoded.height, face) for face in kept]
    needed = _measure_need(decoded, squares, spec)
    if needed > min(decoded.pixels.shape[:2]) and decoded.reduction > 1:
        decoded = decode.unpack(content, short_side=needed, place=decoded.place)
    views = [_cut(decoded, square) for square in squares] or [decoded.pixels]
    pixels = np.stack([preprocess.fit(view, spec) for view in views])
    return Examined(
        width=decoded.width,
        height=decoded.height,
        face_count=len(found),
        faces=tuple(kept),
        pixels=pixels,
        quality=quality.measure(
            _not_enlarged(views[0], pixels[0]), decoded.luminance_table, kept[0].side if kept else 0
        ),
        frames=decoded.frames,
        place=decoded.place,
    )


def _enlarge(face: Face, decoded: Decoded) -> Face:
    """From the pixels it was found in to those of the file."""
    if decoded.reduction == 1:
        return face
    left, top, right, bottom = (
        side * decoded.reduction for side in (face.x, face.y, face.x + face.width, face.y + face.height)
    )
    return Face(left, top, min(right, decoded.width) - left, min(bottom, decoded.height) - top)


def _measure_need(decoded: Decoded, squares: Sequence[Area], spec: InputSpec) -> int:
    """What the image's shorter side must have for the smallest square to have enough."""
    smallest = min((min(square.width, square.height) for square in squares), default=math.inf)
    return math.ceil(_SPARE * spec.size * min(decoded.width, decoded.height) / smallest)


def _cut(decoded: Decoded, square: Area) -> NDArray[np.uint8]:
    left, top, right, bottom = (
        side // decoded.reduction for side in (square.x, square.y, square.x + square.width, square.y + square.height)
    )
    return decoded.pixels[top:bottom, left:right]


def _not_enlarged(view: NDArray[np.uint8], fitted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the file itself has to show: enlarging it is our doing."""
    return view if min(view.shape[:2]) < len(fitted) else fitted
