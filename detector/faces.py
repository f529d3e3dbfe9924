"""Where the faces are, and the square around each that the model sees."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector import blazeface, yunet
from detector.blazeface import Box

# The box in FFHQ's framing, which the training images have.
_BOX_OF_CROP = 0.68
_BOX_CENTRE = (0.50, 0.55)

# A wanted square that nearly fills its image is a face crop already: not resampled for a box's jitter.
_WHOLE_FROM = 0.75
_WHOLE_ASPECT = 1.34

# Boxes that share more than this part of the smaller one are one face.
_SAME_FACE = 0.4


@dataclass(frozen=True)
class Face:
    """A box from brows to chin in pixels of the upright image, cut at its borders."""

    x: int
    y: int
    width: int
    height: int

    @property
    def side(self) -> int:
        return max(self.width, self.height)


class Area(NamedTuple):
    """A rectangle in pixels of the upright image."""

    x: int
    y: int
    width: int
    height: int


def find(image: NDArray[np.uint8], model: Path | None = None, *, reduction: int = 1) -> list[Face]:
    """The faces of an image uint8 (height, width, 3) RGB, largest first, in its own pixels.

    BlazeFace looks for them, or YuNet where the path of its ONNX file is given. `reduction` is by how
    much the image was shrunk when it was decoded: how large a face must be counts in the pixels of the file.
    """
    boxes = blazeface.find(image, reduction) if model is None else yunet.find(image, model)
    faces: list[Face] = []
    for box in sorted(boxes, key=lambda box: box[2], reverse=True):
        face = _cut(box, image.shape[1], image.shape[0])
        if face.width > 0 and face.height > 0 and not any(_is_same(face, other) for other in faces):
            faces.append(face)
    return faces


def frame(width: int, height: int, face: Face) -> Area:
    """The square of FFHQ's framing around a face, clamped to the image; all of an image that is one already."""
    short, long = min(height, width), max(height, width)
    wanted = face.side / _BOX_OF_CROP
    if wanted >= _WHOLE_FROM * short and long < _WHOLE_ASPECT * short:
        return Area(0, 0, width, height)
    side = min(round(wanted), short)
    left = round(face.x + face.width / 2 - _BOX_CENTRE[0] * side)
    top = round(face.y + face.height / 2 - _BOX_CENTRE[1] * side)
    return Area(min(max(left, 0), width - side), min(max(top, 0), height - side), side, side)


def crop(image: NDArray[np.uint8], face: Face) -> NDArray[np.uint8]:
    """What the model sees of a face: its frame's part of uint8 (height, width, 3), as a view."""
    left, top, width, height = frame(image.shape[1], image.shape[0], face)
    return image[top : top + height, left : left + width]


def _cut(box: Box, width: int, height: int) -> Face:
    x, y, side = box
    left, top = max(round(x), 0), max(round(y), 0)
    right, bottom = min(round(x + side), width), min(round(y + side), height)
    return Face(left, top, right - left, bottom - top)


def _is_same(small: Face, large: Face) -> bool:
    width = min(small.x + small.width, large.x + large.width) - max(small.x, large.x)
    height = min(small.y + small.height, large.y + large.height) - max(small.y, large.y)
    return max(width, 0) * max(height, 0) > _SAME_FACE * small.width * small.height
