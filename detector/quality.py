"""How much of a picture's fine structure is left: compression, sharpness, colour and size of the face."""

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

# Tables K.1 of ITU-T T.81, the luminance table that libjpeg scales by quality.
_STANDARD = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)

# Cycles a pixel. Of 54 pairs of bands these tell best what was scaled to 0.375 and back, saved again or not,
# from soft photographs (detector.reasons has the limit and the rates).
_MIDDLE_BAND = (0.1, 0.175)
_FINE_BAND = (0.1875, 0.25)

# In less there is nothing to measure: no frequency in one of the bands.
_MIN_SIDE = 16

# Mean of the largest less the smallest channel; a colour photograph has 20 and more, a grey JPEG under 1.
_GREY_SPREAD = 2.0


@dataclass(frozen=True)
class Quality:
    """What bounds the trust in a score.

    `jpeg_quality` is 1 to 100 by libjpeg's scale, None for other formats; `sharpness` 0 to 1 and
    `fine_detail` (log10) are measured around the largest face; `face_px` is that face's side in the
    original image, 0 where none was found.
    """

    jpeg_quality: int | None
    sharpness: float
    fine_detail: float
    is_greyscale: bool
    face_px: int


def measure(view: NDArray[np.uint8], luminance_table: tuple[int, ...] | None, face_px: int) -> Quality:
    """Measure the view of the largest face uint8 (height, width, 3) RGB, never enlarged."""
    luminance = cv2.cvtColor(_take_middle(view), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return Quality(
        jpeg_quality=None if luminance_table is None else estimate_jpeg_quality(luminance_table),
        sharpness=_measure_sharpness(luminance),
        fine_detail=_measure_fine_detail(luminance),
        is_greyscale=_is_greyscale(view),
        face_px=face_px,
    )


@lru_cache(256)
def estimate_jpeg_quality(luminance_table: tuple[int, ...]) -> int:
    """The quality 1 to 100 whose table of libjpeg is nearest, by the mean of the logarithms' distance."""
    wanted = np.log(np.clip(np.array(luminance_table, dtype=np.float64), 1, 255))
    return 1 + int(np.argmin(np.abs(np.log(_list_tables()) - wanted).sum(axis=1)))


@cache
def _list_tables() -> NDArray[np.float64]:
    qualities = np.arange(1, 101)
    scales = np.where(qualities < 50, 5000 // qualities, 200 - 2 * qualities)
    tables: NDArray[np.float64] = np.clip((scales[:, None] * np.ravel(_STANDARD) + 50) // 100, 1, 255).astype(float)
    return tables


def _take_middle(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle half of both sides: the face itself, since a background may be soft on purpose."""
    height, width = view.shape[:2]
    return view[height // 4 : height - height // 4, width // 4 : width - width // 4]


def _measure_sharpness(luminance: NDArray[np.float32]) -> float:
    """One less the blur of Crete et al. (SPIE 6492, 2007): how much of its steps a picture loses when blurred."""
    if min(luminance.shape) < _MIN_SIDE:
        return 0.0
    kept = 1.0
    for kernel, (before, after) in (
        ((9, 1), (np.s_[:, 1:], np.s_[:, :-1])),
        ((1, 9), (np.s_[1:], np.s_[:-1])),
    ):
        blurred = cv2.blur(luminance, kernel)
        steps = cv2.absdiff(luminance[before], luminance[after])
        lost = cv2.subtract(steps, cv2.absdiff(blurred[before], blurred[after]))
        total = float(steps.sum())
        kept = min(kept, float(np.maximum(lost, 0).sum()) / total if total else 0.0)
    return kept


def _measure_fine_detail(luminance: NDArray[np.float32]) -> float:
    """Log10 of the fine band's power by the middle band's: an enlargement has none of its own in the fine one."""
    side = min(luminance.shape)
    if side < _MIN_SIDE:
        return 0.0
    middle, fine, window = _bands(side)
    square = luminance[:side, :side]
    power = np.square(cv2.dft((square - square.mean()) * window)).ravel()
    # The noise of rounding to whole grey levels, so that a plain picture has a value too.
    floor = float(np.square(window).sum()) / 12
    of_fine, of_middle = (2 * float(power[band].mean()) + floor for band in (fine, middle))
    return math.log10(of_fine / of_middle)


@lru_cache(64)
def _bands(side: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Where the two bands lie in a square's flat spectrum as OpenCV packs it, and its Hann window.

    Real and imaginary parts are neighbours in a row. In the first column they are neighbours downwards and stand for a
    frequency and its negative, so they are named twice.
    """
    across = (np.arange(side) + 1) // 2 / side
    down = np.repeat(np.abs(np.fft.fftfreq(side))[:, None], side, axis=1)
    down[:, 0] = across
    frequency = np.hypot(down, across)

    def find(low: float, high: float) -> NDArray[np.intp]:
        cells = np.flatnonzero((frequency >= low) & (frequency < high))
        return np.concatenate([cells, cells[cells % side == 0]])

    middle, fine = find(*_MIDDLE_BAND), find(*_FINE_BAND)
    hann = np.hanning(side)
    return middle, fine, np.outer(hann, hann).astype(np.float32)


def _is_greyscale(view: NDArray[np.uint8]) -> bool:
    some = tuple(math.ceil(side / 4) for side in view.shape[1::-1])
    red, green, blue = cv2.split(cv2.resize(view, some, interpolation=cv2.INTER_NEAREST))
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return cv2.mean(spread)[0] < _GREY_SPREAD
