"""Colour spaces for the tests: pictures in wide gamuts by the textbook's formulas, and a printer's profile."""

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

# x, y of white, red, green and blue.
SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
ADOBE = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
# White is D65's here, where ROMM's is D50: without chromatic adaptation the sums stay short.
WIDE = (0.3127, 0.3290, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)

_GRID = 9


def to_space(picture: Picture, chromaticities: tuple[float, ...], gamma: float) -> Picture:
    """An sRGB picture in another space of white D65, so that it looks the same."""
    encoded = picture / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    converted = linear @ (np.linalg.inv(_matrix(chromaticities)) @ _matrix(SRGB)).T
    values: Picture = np.rint(255 * np.clip(converted, 0, 1) ** (1 / gamma)).astype(np.uint8)
    return values


def to_cmyk(picture: Picture) -> NDArray[np.uint8]:
    """Inks 0 to 255 by which the printer of `make_cmyk_profile` shows an sRGB picture: no black, and each ink's
    light as the square root says."""
    ink = 255 * (1 - (picture / 255) ** 0.5)
    return np.concatenate([np.rint(ink), np.zeros((*picture.shape[:2], 1))], axis=-1).astype(np.uint8)


def make_cmyk_profile() -> bytes:
    """An ICC profile (lut16Type) of a printer whose light is (1 - ink) ** 2 of sRGB's values, less by black ink."""
    steps = np.linspace(0, 1, _GRID)
    cyan, magenta, yellow, black = np.meshgrid(steps, steps, steps, steps, indexing="ij")
    values = (1 - np.stack([cyan, magenta, yellow], axis=-1)) ** 2 * (1 - black[..., None])
    table = _pack_lut(_to_lab(values.reshape(-1, 3)))
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = struct.pack(">I", 2) + b"A2B0" + struct.pack(">II", 156, len(table))
    tags += b"wtpt" + struct.pack(">II", 156 + len(table), len(white))
    header = struct.pack(">I4sI", 156 + len(table) + len(white), b"", 0x02400000) + b"prtrCMYKLab " + bytes(12)
    header += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return header + tags + table + white


def _pack_lut(lab: NDArray[np.float64]) -> bytes:
    """ICC.1:2010, 10.8, with straight curves; L* 100 is 0xFF00 there."""
    scaled = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], axis=-1)
    cells = np.clip(np.rint(scaled), 0, 65535).astype(">u2").tobytes()
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    start = b"mft2\0\0\0\0" + struct.pack(">BBBB", 4, 3, _GRID, 0) + identity + struct.pack(">HH", 2, 2)
    return start + struct.pack(">8H", *([0, 65535] * 4)) + cells + struct.pack(">6H", *([0, 65535] * 3))


def _to_lab(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* under D50 of sRGB values 0 to 1; the matrix is IEC 61966-2-1's adapted by Bradford."""
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]])
    relative = linear @ matrix.T / (0.9642, 1.0, 0.8251)
    root: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.cbrt
    bent = np.where(relative > 216 / 24389, root(relative), (24389 / 27 * relative + 16) / 116)
    x, y, z = bent.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _matrix(chromaticities: tuple[float, ...]) -> NDArray[np.float64]:
    columns = np.array([_to_xyz(*chromaticities[place : place + 2]) for place in (2, 4, 6)]).T
    scaled: NDArray[np.float64] = columns * np.linalg.solve(columns, _to_xyz(*chromaticities[:2]))
    return scaled


def _to_xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])
