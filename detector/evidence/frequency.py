"""An image's spectrum as one curve, to be drawn against the band of photographs."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BINS = 128


@dataclass(frozen=True)
class Band:
    """The 5 %, 50 % and 95 % of the photographs' profiles, float32 (128,) each."""

    low: Array
    middle: Array
    high: Array


def spectrum(image: NDArray[np.uint8]) -> Array:
    """The profile float32 (128,) of an image uint8 (height, width, 3) RGB: log10 power from frequency 0 to one half.

    The luminance less its 3 x 3 median, in a Hann window, transformed, and averaged over rings: what
    enlargements and generators leave shows as bumps. A band holds for images of the size it was made of, so
    give it what the model sees. Source: Durall et al., arXiv 1911.00686.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    residual = grey.astype(np.float32) - cv2.medianBlur(grey, 3).astype(np.float32)
    height, width = residual.shape
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft2(residual * window))) / max(float(np.square(window).sum()), 1.0)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    rings = np.minimum((radius * 2 * BINS).astype(int), BINS).ravel()
    counts, sums = (np.bincount(rings, weights, BINS + 1)[:BINS] for weights in (None, power.ravel()))
    known = np.flatnonzero(counts)
    # Small images have rings without a sample.
    means = np.interp(np.arange(BINS), known, sums[known] / counts[known])
    profile: Array = np.log10(means + 1e-3).astype(np.float32)
    return profile


def load_band(content: bytes) -> Band:
    """Read what `dump_band` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Band(arrays["low"], arrays["middle"], arrays["high"])


def dump_band(band: Band) -> bytes:
    """Write it as an .npz archive."""
    stream = io.BytesIO()
    np.savez(stream, low=band.low, middle=band.middle, high=band.high)
    return stream.getvalue()
