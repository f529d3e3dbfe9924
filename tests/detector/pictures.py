"""Pictures the tests draw: textures and views without a face, and real faces laid on a ground."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector import decode

Picture = NDArray[np.uint8]


def draw_without_faces() -> Iterator[tuple[str, Picture]]:
    """Plain grounds, noise, stripes, clouds, a landscape and heaps of shapes, each with its name."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:300, :400]
    yield "plain", np.full((256, 256, 3), 128, dtype=np.uint8)
    yield "noise", rng.integers(0, 256, size=(256, 256, 3), dtype=np.uint8)
    for period in (3, 10, 30):
        yield f"stripes {period}", _grey((np.sin(x / period + y / 50) + 1) * 127)
    for roughness in (1.0, 1.5, 2.0):
        yield f"clouds {roughness}", _grey(_draw_clouds(256, roughness, rng) * 255)
    yield "landscape", _draw_landscape(rng)
    for index in range(4):
        yield f"shapes {index}", _draw_shapes(rng)


def read_faces(folder: Path, count: int) -> list[Picture]:
    """The first so many images of a folder, evenly spread over it."""
    files = sorted(folder.iterdir())
    return [decode.decode(file.read_bytes()) for file in files[:: max(1, len(files) // count)][:count]]


def lay_out(faces: Sequence[Picture], side: int, ground: tuple[int, int]) -> Picture:
    """Faces scaled to a side and laid in a row on a soft ground (height, width), evenly spaced."""
    height, width = ground
    shade = np.linspace(90, 160, width, dtype=np.float32)[None, :, None]
    picture = np.broadcast_to(shade, (height, width, 3)).astype(np.uint8).copy()
    gap = (width - side * len(faces)) // (len(faces) + 1)
    top = (height - side) // 2
    for index, face in enumerate(faces):
        left = gap + index * (side + gap)
        scaled = Image.fromarray(face).resize((side, side), Image.Resampling.LANCZOS)
        picture[top : top + side, left : left + side] = np.asarray(scaled)
    return picture


def _grey(values: NDArray[np.float64]) -> Picture:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def _draw_clouds(side: int, roughness: float, rng: np.random.Generator) -> NDArray[np.float64]:
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    frequency[0, 0] = 1
    drawn = np.real(np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / frequency**roughness))
    clouds: NDArray[np.float64] = (drawn - drawn.min()) / np.ptp(drawn)
    return clouds


def _draw_landscape(rng: np.random.Generator) -> Picture:
    sky = np.full((600, 800, 3), (150, 190, 235), dtype=np.uint8)
    for depth in range(5):
        ridge = 250 + 70 * depth + np.cumsum(rng.normal(size=800) * 2).astype(int)
        outline = [*np.column_stack([np.arange(800), ridge]).tolist(), [799, 599], [0, 599]]
        shade = (90 - 12 * depth, 130 - 15 * depth, 90 - 12 * depth)
        cv2.fillPoly(sky, [np.array(outline, dtype=np.int32)], shade)
    grain = rng.normal(scale=8, size=sky.shape)
    return np.clip(sky + grain, 0, 255).astype(np.uint8)


def _draw_shapes(rng: np.random.Generator) -> Picture:
    picture = np.full((480, 640, 3), rng.integers(0, 256, 3), dtype=np.uint8)
    for _ in range(30):
        colour = rng.integers(0, 256, 3).tolist()
        left, top, size = rng.integers(0, 600, 3) // (1, 1, 6)
        if rng.random() < 0.5:
            cv2.circle(picture, (int(left), int(top)), int(size), colour, -1)
        else:
            cv2.rectangle(picture, (int(left), int(top)), (int(left + size), int(top + 40)), colour, -1)
    return picture
