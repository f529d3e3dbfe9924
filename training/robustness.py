"""What images go through on their way to a detector: named degradations, the same for both classes and for ever."""

import hashlib
import io
import zlib
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector import preprocess
from detector.preprocess import InputSpec
from training import data
from training.data import Dataset

Pixels = NDArray[np.uint8]

# The filter of `resize` is Lanczos, which no training augmentation uses: a detector that has only learnt how its
# own training images were resized fails here. `resize-area` beside it is the filter that training knows.
_NAMES: dict[str, tuple[float, ...]] = {
    "jpeg": (95, 90, 80, 70, 60, 50, 40, 30),
    "webp": (80, 50),
    "resize": (0.75, 0.5, 0.375),
    "resize-area": (0.5,),
    "blur": (0.5, 1, 2, 3),
    "noise": (2, 5, 10),
    "brightness": (0.8, 1.2),
    "crop": (0.9, 0.8),
    "double-jpeg": (70, 90),
    "screenshot": (1.5, 0.75),
}
_COMPOUNDS = 40

SINGLES = tuple(f"{kind} {strength:g}" for kind, strengths in _NAMES.items() for strength in strengths)
COMPOUNDS = tuple(f"compound {number}" for number in range(1, _COMPOUNDS + 1))
GRID = SINGLES + COMPOUNDS
# Each image's own mild compound: what is fitted on it must hold for images that somebody has passed on.
MIX = "mix"
CLEAN = "clean"


def apply(name: str, image: Pixels) -> Pixels:
    """Degrade uint8 (height, width, 3) RGB 0-255 by a name of GRID; the result may be smaller.

    A compound is the same chain for every image. The same name and image always give the same result.
    """
    kind, _, strength = name.rpartition(" ")
    seed = zlib.crc32(np.ascontiguousarray(image).tobytes(), zlib.crc32(name.encode()))
    if kind == "compound":
        return _chain(
            _draw(_RANGES | _UNSEEN, np.random.default_rng((97, int(strength))), least=2, most=4), image, seed
        )
    return _DEGRADATIONS[kind](image, float(strength), np.random.default_rng(seed))


def mix(image: Pixels, sha256: str) -> Pixels:
    """Degrade an image by the mild chain that follows from its file's hash."""
    seed = int(hashlib.sha256(f"{MIX} {sha256}".encode()).hexdigest()[:8], 16)
    return _chain(_draw(_RANGES, np.random.default_rng(seed), least=1, most=2), image, seed)


def view(name: str, image: Pixels, sha256: str, spec: InputSpec) -> Pixels:
    """An image as the model sees it after a name of GRID, after MIX, or, under CLEAN, as it is."""
    if name != CLEAN:
        image = mix(image, sha256) if name == MIX else apply(name, image)
    return preprocess.fit(image, spec)


def degrade(name: str, dataset: Dataset, spec: InputSpec) -> Pixels:
    """The view of a whole dataset's pixels, uint8 (n, size, size, 3)."""
    if name == CLEAN:
        return dataset.pixels
    degraded = data.map_unnamed(dataset.pixels.shape)
    for row, image, example in zip(degraded, dataset.pixels, dataset.examples, strict=True):
        row[:] = view(name, np.asarray(image), example.sha256, spec)
    return degraded


def _draw(
    ranges: dict[str, tuple[float, float]], rng: np.random.Generator, *, least: int, most: int
) -> list[tuple[str, float]]:
    """A chain of different kinds in random order, at strengths that leave a face worth judging."""
    kinds = [str(kind) for kind in rng.choice(sorted(ranges), size=int(rng.integers(least, most + 1)), replace=False)]
    return [(kind, round(float(rng.uniform(*ranges[kind])), 3)) for kind in kinds]


def _chain(steps: list[tuple[str, float]], image: Pixels, seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    for kind, strength in steps:
        image = _DEGRADATIONS[kind](image, strength, rng)
    return image


def _compress(image: Pixels, quality: float, _: np.random.Generator) -> Pixels:
    return _encode(image, "JPEG", round(quality))


def _compress_webp(image: Pixels, quality: float, _: np.random.Generator) -> Pixels:
    return _encode(image, "WEBP", round(quality))


def _compress_twice(image: Pixels, first_quality: float, _: np.random.Generator) -> Pixels:
    # The second grid of blocks lies across the first: somebody cropped in between.
    once = _encode(image, "JPEG", round(first_quality))
    return _encode(np.ascontiguousarray(once[4:, 4:]), "JPEG", 80)


def _resize(image: Pixels, scale: float, _: np.random.Generator) -> Pixels:
    return _scale(image, scale, Image.Resampling.LANCZOS)


def _resize_area(image: Pixels, scale: float, _: np.random.Generator) -> Pixels:
    return _scale(image, scale, Image.Resampling.BOX)


def _blur(image: Pixels, sigma: float, _: np.random.Generator) -> Pixels:
    return _to_pixels(cv2.GaussianBlur(image, (0, 0), sigma))


def _add_noise(image: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    return _to_pixels(image + rng.normal(0, deviation, size=image.shape))


def _brighten(image: Pixels, gain: float, _: np.random.Generator) -> Pixels:
    return _to_pixels(image * np.float32(gain))


def _crop(image: Pixels, share: float, _: np.random.Generator) -> Pixels:
    height, width = image.shape[:2]
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    return np.ascontiguousarray(image[top : height - top, left : width - left])


def _take_screenshot(image: Pixels, zoom: float, rng: np.random.Generator) -> Pixels:
    """Shown at another size on a screen, captured without loss, scaled back by an app and sent as JPEG."""
    shown = _scale(image, zoom, Image.Resampling.BILINEAR)
    sent = _scale(shown, 0.9 / zoom, Image.Resampling.BICUBIC)
    return _compress(sent, 85, rng)


def _scale(image: Pixels, scale: float, resampling: Image.Resampling) -> Pixels:
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(Image.fromarray(image).resize(size, resampling), dtype=np.uint8)


def _encode(image: Pixels, form: str, quality: int) -> Pixels:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form, quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"), dtype=np.uint8)


def _to_pixels(values: object) -> Pixels:
    pixels: Pixels = np.clip(np.rint(np.asarray(values)), 0, 255).astype(np.uint8)
    return pixels


_DEGRADATIONS: dict[str, Callable[[Pixels, float, np.random.Generator], Pixels]] = {
    "jpeg": _compress,
    "webp": _compress_webp,
    "resize": _resize,
    "resize-area": _resize_area,
    "blur": _blur,
    "noise": _add_noise,
    "brightness": _brighten,
    "crop": _crop,
    "double-jpeg": _compress_twice,
    "screenshot": _take_screenshot,
}
_RANGES: dict[str, tuple[float, float]] = {
    "jpeg": (45, 95),
    "webp": (50, 90),
    "resize-area": (0.5, 0.95),
    "blur": (0.4, 1.2),
    "noise": (1, 6),
    "brightness": (0.8, 1.2),
    "crop": (0.85, 1.0),
    "double-jpeg": (60, 95),
    "screenshot": (0.75, 1.5),
}
_UNSEEN: dict[str, tuple[float, float]] = {"resize": (0.5, 0.95)}
