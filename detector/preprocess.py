"""Pixels take the model's input size here, the same way in training and in serving."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class InputSpec:
    """The input a model was trained on: a square of `size` pixels."""

    size: int
    resampling: Literal["bilinear"] = "bilinear"


def fit(image: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.uint8]:
    """Stretch uint8 (height, width, 3) RGB 0-255 to uint8 (size, size, 3); the same array where it fits.

    Antialiased bilinear (a triangle filter as wide as the reduction), aspect ratio not kept, as in the
    paper; what is four times as large or more is halved before, by means of two by two, which moves a photograph's
    pixels by a tenth of a level in the mean. Scaling to [0, 1] or [-1, 1] is the model's first layer and not done here.
    """
    if image.shape[:2] == (spec.size, spec.size):
        return image
    while min(image.shape[:2]) >= 4 * spec.size:
        image = reduce(image, 0.5)
    resized = Image.fromarray(image).resize((spec.size, spec.size), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8)


def reduce(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Shrink uint8 (height, width, 3) by the mean of what falls together; the same array from scale 1 on."""
    if scale >= 1:
        return image
    height, width = (max(round(side * scale), 1) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
