"""Faces by the Haar cascades of the OpenCV 4 wheel: the cheapest first, others only where it finds nothing."""

import math
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import preprocess

# x, y, side in pixels of the image; may reach over its borders.
Box = tuple[float, float, float]


@dataclass(frozen=True)
class _Search:
    """One pass of a cascade over the image mirrored or turned, reduced until the least face fills its window."""

    cascade: str
    scale_step: float
    neighbours: int
    border: float
    is_mirrored: bool = False
    degrees: float = 0.0


# Tight crops fill the frame and are missed without a border, yet it is what the first pass spends its time on.
# Over 100 images of each of 20 sets the first finds 94 %, all together 99 % (94 % of the worst two sets). Of 418
# textures and views 10 have a "face", most of them close-ups of flowers. With fewer neighbours or the default
# cascade more is found, and in textures too.
_FIRST = _Search("frontalface_alt2", 1.15, 1, border=0.1)
# In an image of a crop's size it looks, in larger steps, for a face that fills half of it before it looks for less:
# nine in ten faces are found so, in a third of the time, and as many of 60 images of each of 20 sets as in the first's
# steps. Where such a face leaves room for another, it looks for less all the same.
_CROP = _Search("frontalface_alt2", 1.2, 1, border=0.1)
_CROP_SIDE = 320
_CROP_SHARE = 0.5
_FURTHER = (
    _Search("frontalface_alt2", 1.1, 2, border=0.25),
    _Search("frontalface_alt2", 1.1, 2, border=0.25, degrees=-20),
    _Search("frontalface_alt2", 1.1, 2, border=0.25, degrees=20),
    _Search("frontalface_alt", 1.05, 2, border=0.25),
    _Search("profileface", 1.05, 2, border=0.25),
    _Search("profileface", 1.05, 2, border=0.25, is_mirrored=True),
)
# Whether there is a face after all, only too small to assess.
_SMALL = _Search("frontalface_alt2", 1.1, 8, border=0)
_WINDOW = 22
# A face under 96 px is not assessed (detector.reasons), so these passes need not see much smaller ones; in large
# photographs they see down to a tenth of the short side, in small images to a third.
_LEAST_PX = 90
_LEAST_SHARE = 0.1
_FURTHER_SHARE = 0.33
_SMALL_PX = 32
# Longer strips are no photographs; the frame to turn one of 72 x 32,512 pixels in would take 32 GB.
_THINNEST = 20
_SMALL_SHARE = 0.06

_FOLDER = Path(cv2.__file__).with_name("data")

_local = threading.local()


def find(image: NDArray[np.uint8], reduction: int = 1) -> list[Box]:
    """Squares from brows to chin in uint8 (height, width, 3) RGB, unordered, some of them overlapping.

    `reduction` is by how much each side of the image was shrunk before: the limits count in pixels of the original.
    """
    short = min(image.shape[:2])
    if max(image.shape[:2]) > _THINNEST * short:
        return []
    least = max(_LEAST_PX / reduction, _LEAST_SHARE * short)
    boxes = _look_in_crop(image) if max(image.shape[:2]) <= _CROP_SIDE else []
    if not boxes or _leaves_room(boxes[0], image, least):
        boxes = _look(image, _FIRST, least)
    for search in _FURTHER:
        boxes = boxes or _look(image, search, min(least, _FURTHER_SHARE * short))
    return boxes or _look(image, _SMALL, max(_SMALL_PX / reduction, _SMALL_SHARE * short), most=least)


def _look_in_crop(image: NDArray[np.uint8]) -> list[Box]:
    half = preprocess.reduce(image, 0.5)  # means of two by two, which are quick, and then the rest of the way
    boxes = _look(half, _CROP, _CROP_SHARE * min(half.shape[:2]))
    return [(2 * x, 2 * y, 2 * side) for x, y, side in boxes]


def _leaves_room(box: Box, image: NDArray[np.uint8], least: float) -> bool:
    """Whether another face as large as `least` fits beside this one, above or below it."""
    x, y, side = box
    height, width = image.shape[:2]
    return bool(max(x, y, width - x - side, height - y - side) >= least)


def _look(image: NDArray[np.uint8], search: _Search, least: float, most: float | None = None) -> list[Box]:
    grey = cv2.cvtColor(preprocess.reduce(image, _WINDOW / least), cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = image.shape[1] / width
    border = round(search.border * max(height, width))
    turn = _turn(width, height, border, search)
    framed = cv2.warpAffine(
        grey, turn, (width + 2 * border, height + 2 * border), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    found = _cascade(search.cascade).detectMultiScale(
        framed,
        scaleFactor=search.scale_step,
        minNeighbors=search.neighbours,
        minSize=(_WINDOW, _WINDOW),
        maxSize=(0, 0) if most is None else (round(most / scale), round(most / scale)),
    )
    back = cv2.invertAffineTransform(turn)
    boxes = []
    for left, top, side, _ in found:
        x, y = back @ (left + side / 2, top + side / 2, 1)
        boxes.append(((x - side / 2) * scale, (y - side / 2) * scale, side * scale))
    return boxes


def _turn(width: int, height: int, border: int, search: _Search) -> NDArray[np.float64]:
    """The affine 2 x 3 that lays an image into its frame, turned about its middle."""
    cosine, sine = math.cos(math.radians(search.degrees)), math.sin(math.radians(search.degrees))
    turn = np.array([[cosine, sine], [-sine, cosine]]) * ([-1, 1] if search.is_mirrored else 1)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([turn, middle + border - turn @ middle])


def _cascade(name: str) -> cv2.CascadeClassifier:
    # A classifier keeps its working buffers, so each thread has its own.
    cascades: dict[str, cv2.CascadeClassifier] = _local.__dict__.setdefault("cascades", {})
    if name not in cascades:
        cascades[name] = cv2.CascadeClassifier(str(_FOLDER / f"haarcascade_{name}.xml"))
    return cascades[name]
