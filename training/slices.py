"""Images are sorted by what they look like, to see for which the detector is worse."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import faces
from detector.card import EngineCard
from training import metrics
from training.data import Dataset
from training.intervals import Floats
from training.metrics import Rates
from training.prepare import Example

Pixels = NDArray[np.uint8]

# Each trait's slices: where one starts and what it is called.
_TRAITS: dict[str, tuple[tuple[float, str], ...]] = {
    "brightness": ((0, "dark"), (90, "middling"), (130, "bright")),
    "sharpness": ((0, "soft"), (50, "middling"), (400, "sharp")),
    "face width": ((1, "under 96 px"), (96, "96 to 159 px"), (160, "160 px and more")),
    "JPEG quality": ((1, "under 40"), (40, "40 to 49"), (50, "50 to 69"), (70, "70 to 89"), (90, "90 and more")),
    # Individual typology angle in degrees: Chardon et al. 1991, Int. J. Cosmetic Science 13, 191-208.
    "skin tone": ((-90, "dark"), (10, "tan"), (28, "intermediate"), (41, "light")),
}

_NONE = "none found"

CAVEAT = (
    "Skin tone is a proxy: the individual typology angle of the middle of the face. Light, exposure and make-up move "
    "it as much as skin does; it says nothing about a person and only hints where to look for unequal errors."
)


@dataclass(frozen=True)
class Slice:
    """The figures of the images that share a trait."""

    trait: str
    name: str
    rates: Rates


def measure(dataset: Dataset, logits: Floats, engine: EngineCard, squares: Mapping[str, int]) -> list[Slice]:
    """Every trait's slices that hold an image, in their order; `squares` as `Dataset` has them."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (pixels, example) in enumerate(zip(dataset.pixels, dataset.examples, strict=True)):
        for trait, name in describe(np.asarray(pixels), example, squares.get(example.sha256)):
            places[trait, name].append(place)
    names = [(trait, name) for trait, steps in _TRAITS.items() for name in (*(name for _, name in steps), _NONE)]
    return [
        Slice(*key, metrics.measure_part(logits[places[key]], dataset.labels[places[key]], engine))
        for key in names
        if key in places
    ]


def describe(image: Pixels, example: Example, square: int | None = None) -> list[tuple[str, str]]:
    """The trait and slice of uint8 (size, size, 3) RGB 0-255: at the model's size the image of `example`, or a square
    of it, whose side is given in pixels of the file."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    found = faces.find(image)
    # Faces are sought at the model's size and measured in pixels of the file.
    width = found[0].width * (square or example.width) / image.shape[1] if found else 0.0
    values = {
        "brightness": float(grey.mean()),
        "sharpness": float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        "face width": width,
        "JPEG quality": float(example.jpeg_quality),
        "skin tone": _measure_tone(image),
    }
    return [(trait, _name(value, _TRAITS[trait])) for trait, value in values.items()]


def _measure_tone(image: Pixels) -> float:
    """The typology angle of an FFHQ-framed face's nose and cheeks; none of the slices' where there is no colour."""
    size = image.shape[0]
    skin = image[int(0.45 * size) : int(0.7 * size), int(0.3 * size) : int(0.7 * size)].astype(np.float32) / 255
    lightness, red, yellow = np.median(cv2.cvtColor(skin, cv2.COLOR_RGB2LAB).reshape(-1, 3), axis=0)
    return -180.0 if np.hypot(red, yellow) < 3 else float(np.degrees(np.arctan2(lightness - 50, yellow)))


def _name(value: float, steps: tuple[tuple[float, str], ...]) -> str:
    return next((name for start, name in reversed(steps) if value >= start), _NONE)
