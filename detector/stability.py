"""Four cheap re-encodings of what the model sees: a sound answer survives them."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector import decode, preprocess
from detector.preprocess import InputSpec

COUNT = 4
_QUALITIES = (80, 50)
_SCALE = 0.75


def vary(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image uint8 (size, size, 3) as JPEG of quality 80 and 50, at 0.75 and back, mirrored: (4, size, size, 3)."""
    size = len(pixels)
    smaller = preprocess.fit(pixels, InputSpec(round(_SCALE * size)))
    return np.stack(
        [
            *(_save(pixels, quality) for quality in _QUALITIES),
            preprocess.fit(smaller, InputSpec(size)),
            pixels[:, ::-1],
        ]
    )


def _save(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return decode.decode(stream.getvalue())
