"""Self-blended counterparts: a face laid over itself after small changes, under a soft random mask.

After Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images" (arXiv 2204.08376): what a swap, a
reenactment or a blended face leaves is a border between two slightly different pictures of one face. The method is
theirs, the code and its ranges are ours.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import faces
from detector.faces import Face

Pixels = NDArray[np.uint8]
Mask = NDArray[np.float32]


def open_remake(_: Path | None) -> Callable[[list[Pixels], np.random.Generator], list[Pixels]]:
    """A function from views uint8 (n, n, 3) to the same with their face blended over itself."""
    return lambda views, rng: [blend(view, rng) for view in views]


def blend(view: Pixels, rng: np.random.Generator) -> Pixels:
    """Lay a changed copy of a view over the view, or the view over the copy, within the face."""
    mask = _draw_mask(view.shape[0], _find_face(view), rng)[:, :, None]
    top, bottom = _shift(_change(view, rng), rng), view
    if rng.random() < 0.5:
        # The copy is the background then, unmoved, so that the rest of the photograph stays in its place.
        top, bottom = _shift(view, rng), _change(view, rng)
    return _to_pixels(mask * top.astype(np.float32) + (1 - mask) * bottom.astype(np.float32))


def _find_face(view: Pixels) -> Face:
    """The largest face; where none is found, where faces lie in FFHQ's framing."""
    found = faces.find(view)
    if found:
        return found[0]
    size = len(view)
    return Face(round(0.16 * size), round(0.21 * size), round(0.68 * size), round(0.68 * size))


def _draw_mask(size: int, face: Face, rng: np.random.Generator) -> Mask:
    """A soft region (size, size) of the face, half to wholly opaque: a hull of points on an ellipse, bent."""
    centre = np.array([face.x + face.width / 2, face.y + face.height * rng.uniform(0.45, 0.6)])
    radii = np.array([face.width, face.height]) * rng.uniform(0.3, 0.52, size=2)
    angles = np.sort(rng.uniform(0, 2 * np.pi, size=int(rng.integers(7, 14))))
    reach = rng.uniform(0.75, 1.1, size=len(angles))
    points = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii * reach[:, None]
    mask = np.zeros((size, size), dtype=np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), 1.0)
    if rng.random() < 0.3:
        # Only a part of the face: mouth, nose or eyes, as a reenactment changes them.
        middle = face.y + face.height * rng.uniform(0.35, 0.75)
        rows = np.arange(size)[:, None]
        mask *= np.abs(rows - middle) < face.height * rng.uniform(0.12, 0.3)
    mask = _bend(mask, rng)
    blur = float(rng.uniform(0.01, 0.09) * face.width)
    mask = cv2.GaussianBlur(mask, (0, 0), max(blur, 0.5))  # type: ignore[assignment]
    return mask * np.float32(rng.choice((0.5, 0.75, 1, 1, 1)))


def _bend(mask: Mask, rng: np.random.Generator) -> Mask:
    """An elastic deformation: the mask moved by smooth noise."""
    size = len(mask)
    moves = rng.normal(size=(2, 8, 8)).astype(np.float32) * rng.uniform(0.0, 0.04) * size
    shift_x, shift_y = (cv2.resize(move, (size, size), interpolation=cv2.INTER_CUBIC) for move in moves)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    return cv2.remap(mask, columns + shift_x, rows + shift_y, cv2.INTER_LINEAR)  # type: ignore[return-value]


def _change(image: Pixels, rng: np.random.Generator) -> Pixels:
    """One to three small changes of colour, sharpness, size or compression; at least one, so that something differs."""
    for place in rng.permutation(len(_CHANGES))[: rng.integers(1, 4)]:
        image = _CHANGES[place](image, rng)
    return image


def _shift_colour(image: Pixels, rng: np.random.Generator) -> Pixels:
    shifts = np.array([int(rng.integers(-reach, reach + 1)) for reach in (6, 20, 20)], dtype=np.int16)
    values = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(np.int16) + shifts
    values[:, :, 0] %= 180
    shifted = cv2.cvtColor(np.clip(values, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB)
    gain, offset = rng.uniform(0.88, 1.12), rng.uniform(-12, 12, size=3)
    return _to_pixels((shifted.astype(np.float32) - 128) * gain + 128 + offset)


def _change_sharpness(image: Pixels, rng: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 1.6)))
    if rng.random() < 0.5:
        return np.asarray(soft, dtype=np.uint8)
    return _to_pixels(image + rng.uniform(0.3, 1.2) * (image.astype(np.float32) - soft))


def _change_size(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Fewer pixels and back, as a face is that was made at a generator's own size."""
    size, smaller = len(image), max(int(len(image) * rng.uniform(0.4, 0.9)), 8)
    reduced = cv2.resize(image, (smaller, smaller), interpolation=cv2.INTER_AREA)
    way = int(rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC)))
    return np.asarray(cv2.resize(reduced, (size, size), interpolation=way), dtype=np.uint8)


def _compress(image: Pixels, rng: np.random.Generator) -> Pixels:
    _, encoded = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))])
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[:, :, ::-1], dtype=np.uint8)  # type: ignore[index]


def _shift(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Moved and scaled by a few per cent about its middle, edges repeated."""
    size = len(image)
    moved = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.uniform(-2, 2)), float(rng.uniform(0.96, 1.04)))
    offset = np.zeros((2, 3))
    offset[:, 2] = rng.uniform(-0.02, 0.02, size=2) * size
    return cv2.warpAffine(image, moved + offset, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _to_pixels(values: NDArray[np.float32]) -> Pixels:
    pixels: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels


_CHANGES = (_shift_colour, _change_sharpness, _change_size, _compress)
