"""Random changes to training images; none of them is told the label, so both classes get the same."""

import io
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Changed = NDArray[np.uint8] | NDArray[np.float32]


def apply(name: str, image: Pixels, seed: tuple[int, ...]) -> Changed:
    """Change uint8 (size, size, 3) RGB 0-255 by the named augmentation; the same seed gives the same result."""
    return _AUGMENTATIONS[name](image, np.random.default_rng(seed))


def zoom(image: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """Scale height and width apart by 0.8 to 1.2 about the middle, edges repeated; float32 0-255.

    What keras' ImageDataGenerator(zoom_range=0.2, fill_mode="nearest") does: bilinear, before rescaling.
    """
    height, width = image.shape[:2]
    scale_y, scale_x = rng.uniform(0.8, 1.2, size=2)
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    to_source = np.array(
        [[scale_x, 0, middle_x * (1 - scale_x)], [0, scale_y, middle_y * (1 - scale_y)]], dtype=np.float64
    )
    return cv2.warpAffine(  # type: ignore[return-value]
        image.astype(np.float32),
        to_source,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def keep_traces(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Flip, shift, recolour and erase without resampling, and now and then degrade; uint8 0-255.

    Resampling and compression wipe out the high frequencies by which a generator shows, so most images
    keep theirs (Gragnaniello et al., arXiv 2104.02617; Wang et al., arXiv 1912.11035).
    """
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    if rng.random() < 0.5:
        image = _shift(image, rng)
    if rng.random() < 0.5:
        image = _recolour(image, rng)
    if rng.random() < 0.2:
        image = _DEGRADATIONS[rng.integers(len(_DEGRADATIONS))](image, rng)
    if rng.random() < 0.25:
        image = _erase(image, rng)
    return image


def roam(image: Pixels, rng: np.random.Generator, degraded: float = 0.4) -> Pixels:
    """Flip, shift, crop, recolour and erase, and send two in five through what happens to files on the web."""
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    if rng.random() < 0.3:
        image = _shift(image, rng)
    if rng.random() < 0.25:
        image = _crop(image, rng)
    if rng.random() < 0.4:
        image = _recolour(image, rng)
    if rng.random() < degraded:
        image = degrade(image, rng)
    if rng.random() < 0.15:
        image = _erase(image, rng)
    return image


def share(image: Pixels, rng: np.random.Generator) -> Pixels:
    """As `roam`, but every second image is degraded, and of these every third is re-shared: filtered, saved again."""
    image = roam(image, rng, degraded=0.0)
    chance = rng.random()
    if chance < 1 / 6:
        return reshare(image, rng)
    return degrade(image, rng) if chance < 1 / 2 else image


def reshare(image: Pixels, rng: np.random.Generator) -> Pixels:
    """What happens to a picture that is passed on: a filter of contrast and colour, then up to three re-encodings."""
    if rng.random() < 0.7:
        image = _filter(image, rng)
    for _ in range(int(rng.integers(1, 4))):
        image = _pack(image, rng, least=25)
    return image


def degrade(image: Pixels, rng: np.random.Generator) -> Pixels:
    """One to three degradations in random order, one of them often a compression; uint8 0-255, the same size."""
    for place in rng.permutation(len(_WEB))[: rng.integers(1, 4)]:
        image = _WEB[place](image, rng)
    return image


def take_window(image: Pixels, size: int, rng: np.random.Generator | None, *, central: bool = False) -> Pixels:
    """A square (size, size, 3) of an image from anywhere on its grid of JPEG blocks; without rng its middle.

    A `central` one begins in the middle half of the places, where a face fills it.
    """
    places = (len(image) - size) // 8 + 1
    first, last = (places // 4, places - places // 4) if central else (0, places)
    top, left = 8 * (rng.integers(first, last, size=2) if rng else np.full(2, places // 2))
    return image[top : top + size, left : left + size]


def _shift(image: Pixels, rng: np.random.Generator) -> Pixels:
    # Whole JPEG blocks, so that the grid of the last compression stays where it is.
    reach = 8 * (image.shape[0] // 64)
    down, right = 8 * rng.integers(0, reach // 4 + 1, size=2)
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    shifted: Pixels = padded[down : down + image.shape[0], right : right + image.shape[1]]
    return shifted


def _recolour(image: Pixels, rng: np.random.Generator) -> Pixels:
    changed = image.astype(np.float32)
    if rng.random() < 0.2:
        changed = np.repeat(changed.mean(axis=2, keepdims=True), 3, axis=2)
    gain = rng.uniform(0.8, 1.2) * rng.uniform(0.95, 1.05, size=3)
    return _to_pixels((changed - 128) * gain + 128 + rng.uniform(-20, 20))


def _compress(image: Pixels, rng: np.random.Generator) -> Pixels:
    _, encoded = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 96))])
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[:, :, ::-1], dtype=np.uint8)  # type: ignore[index]


def _blur(image: Pixels, rng: np.random.Generator) -> Pixels:
    return _to_pixels(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2)))


def _rescale(image: Pixels, rng: np.random.Generator) -> Pixels:
    size = image.shape[0]
    smaller = int(size * rng.uniform(0.6, 1.0))
    reduced = cv2.resize(image, (smaller, smaller), interpolation=cv2.INTER_AREA)
    return _to_pixels(cv2.resize(reduced, (size, size), interpolation=cv2.INTER_CUBIC))


def _add_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    return _to_pixels(image + rng.normal(0, rng.uniform(1, 6), size=image.shape))


def _crop(image: Pixels, rng: np.random.Generator) -> Pixels:
    size = image.shape[0]
    side = int(size * rng.uniform(0.65, 0.95))
    top, left = rng.integers(0, size - side + 1, size=2)
    return _to_pixels(_resize(image[top : top + side, left : left + side], size, rng))


def _reshape(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Fewer pixels and back, each way by any common filter, so that no filter tells the class.

    Lanczos is kept out: it is the filter that the evaluation tries as one never seen.
    """
    size = image.shape[0]
    return _to_pixels(_resize(_resize(image, int(size * rng.uniform(0.35, 0.98)), rng), size, rng))


def _resize(image: Pixels, size: int, rng: np.random.Generator) -> Pixels:
    # Nobody enlarges by the nearest pixel, and a box does the same.
    first = 0 if size < image.shape[0] else 1
    if rng.random() < 0.5:
        smooth = _SMOOTH_FILTERS[first:]
        return np.asarray(Image.fromarray(image).resize((size, size), smooth[rng.integers(len(smooth))]))
    # These do not widen with the reduction, so the result aliases and looks sharp.
    sharp = _SHARP_FILTERS[first:]
    return cv2.resize(image, (size, size), interpolation=sharp[rng.integers(len(sharp))])  # type: ignore[return-value]


def _soften(image: Pixels, rng: np.random.Generator) -> Pixels:
    return _to_pixels(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 2.5)))


def _sharpen(image: Pixels, rng: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 2.0)).astype(np.float32)
    return _to_pixels(image + rng.uniform(0.2, 1.5) * (image - soft))


def _filter(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Contrast, saturation and brightness as the filters of photo apps change them."""
    contrast, saturation, brightness = rng.uniform((0.7, 0.0, 0.75), (1.6, 1.8, 1.5))
    values = image.astype(np.float32) * brightness
    grey = values @ np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
    values = grey[:, :, None] + saturation * (values - grey[:, :, None])
    return _to_pixels((values - values.mean()) * contrast + values.mean())


def _pack(image: Pixels, rng: np.random.Generator, least: int = 30) -> Pixels:
    """JPEG by either of two encoders with any chroma subsampling, or WebP, at quality `least` to 98."""
    kind, quality = rng.integers(4), int(rng.integers(least, 99))
    if kind == 0:
        options, suffix = [cv2.IMWRITE_WEBP_QUALITY, quality], ".webp"
    elif kind == 1:
        options, suffix = [cv2.IMWRITE_JPEG_QUALITY, quality], ".jpg"
    else:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=int(rng.integers(3)))
        return np.asarray(Image.open(stream))
    _, encoded = cv2.imencode(suffix, image[:, :, ::-1], options)
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[:, :, ::-1], dtype=np.uint8)  # type: ignore[index]


def _erase(image: Pixels, rng: np.random.Generator) -> Pixels:
    size = image.shape[0]
    height, width = rng.integers(size // 8, size // 2, size=2)
    top, left = rng.integers(0, size - height), rng.integers(0, size - width)
    erased = image.copy()
    erased[top : top + height, left : left + width] = rng.integers(0, 256, size=3)
    return erased


def _to_pixels(values: object) -> Pixels:
    array = np.asarray(values)
    if array.dtype == np.uint8:
        return array
    pixels: Pixels = np.clip(np.rint(array), 0, 255).astype(np.uint8)
    return pixels


_DEGRADATIONS: tuple[Callable[[Pixels, np.random.Generator], Pixels], ...] = (_compress, _blur, _rescale, _add_noise)
_WEB: tuple[Callable[[Pixels, np.random.Generator], Pixels], ...] = (
    _reshape,
    _soften,
    _sharpen,
    _add_noise,
    _pack,
    _pack,
)
_SMOOTH_FILTERS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.HAMMING,
    Image.Resampling.BICUBIC,
)
_SHARP_FILTERS = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)
_AUGMENTATIONS: dict[str, Callable[[Pixels, np.random.Generator], Changed]] = {
    "zoom": zoom,
    "trace_keeping": keep_traces,
    "roaming": roam,
    "undegraded": partial(roam, degraded=0.0),
    "shared": share,
}
