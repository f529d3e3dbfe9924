"""Colour management: convert ICC profiles, PNG's cICP and gAMA, and AVIF's and HEIF's nclx to sRGB, as browsers do."""

import io
import struct
from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

# The largest profiles in use, those of printing presses, have 3 MB. What is larger is ignored, as a broken one is.
_MAX_PROFILE_BYTES = 4 * 1024 * 1024
# A profile that moves no colour of a grid by more is sRGB under another name, and costs nothing: of the usual variants
# of sRGB none moves one by more than 1.
_SAME_COLOUR = 1
_GRID = 9
_INTENT = ImageCms.Intent.PERCEPTUAL
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

# Where AVIF and HEIF files state their colours: the boxes before the pixels.
_BOXES_BYTES = 256 * 1024

# A profile's colour space by the modes of the images that it can describe; Pillow's names.
_SPACES = {"RGB": ("RGB ",), "L": ("GRAY", "RGB "), "CMYK": ("CMYK",)}

Chromaticities = tuple[float, ...]  # x, y of white, red, green, blue
Curve = tuple[float, ...]  # ICC.1:2022, 10.18: gamma alone, or g, a, b, c, d of function type 3

_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
# ITU-T H.273, tables 2 and 3, as far as browsers convert them without mapping tones: by code point.
_PRIMARIES: dict[int, Chromaticities] = {
    1: (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    5: (0.3127, 0.3290, 0.640, 0.330, 0.290, 0.600, 0.150, 0.060),
    6: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_CURVES: dict[int, Curve] = {4: (2.2,), 5: (2.8,), 8: (1.0,), 13: _SRGB_CURVE}
# The curve of television (BT.709, BT.601, BT.2020) as Chromium 150 takes it: as its displays have it in a PNG, and for
# sRGB's in an AVIF.
_TELEVISION = (1, 6, 14, 15)
_PNG_CURVES = _CURVES | dict.fromkeys(_TELEVISION, (2.4,))
_BOX_CURVES = _CURVES | dict.fromkeys(_TELEVISION, _SRGB_CURVE)
# A gAMA so near to that of sRGB's usual 1/2.2 means sRGB where no primaries are stated: libpng's rule.
_GAMMA_TOLERANCE = 0.05


def convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An image of mode RGB, L or CMYK in RGB, perceptual intent; CMYK without a usable profile by Pillow's formula."""
    transform = _find_transform(profile, image.mode) if profile else None
    if transform is None:
        return image.convert("RGB")
    return transform.apply(image.convert(transform.input_mode))


def is_converted(profile: bytes | None) -> bool:
    """Whether an RGB image with this profile changes when it is converted."""
    return profile is not None and _find_transform(profile, "RGB") is not None


def find_profile(image: Image.Image, content: bytes) -> bytes | None:
    """The ICC profile of an opened image, or one made of what the file states instead; None where neither is there."""
    embedded: bytes | None = image.info.get("icc_profile")
    if image.format == "PNG":
        return _find_cicp(content) or embedded or _read_gamma(image)
    if image.format in ("AVIF", "HEIF"):
        return embedded or _find_nclx(content)
    return None if image.format == "GIF" else embedded  # browsers look at no GIF's


def make_profile(chromaticities: Chromaticities, curve: Curve) -> bytes:
    """An ICC profile (ICC.1:2022) of three primaries, adapted from their white to D50 by Bradford, and one curve."""
    columns = np.array([_to_xyz(*chromaticities[place : place + 2]) for place in (2, 4, 6)]).T
    white = _to_xyz(*chromaticities[:2])
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ (columns * np.linalg.solve(columns, white))
    parametric = b"para" + struct.pack(">IHH", 0, 0 if len(curve) == 1 else 3, 0) + _pack_numbers(curve)
    parts = {b"wtpt": b"XYZ \0\0\0\0" + _pack_numbers(_D50)}
    parts |= {
        b"rgb"[place : place + 1] + b"XYZ": b"XYZ \0\0\0\0" + _pack_numbers(adapted[:, place]) for place in range(3)
    }
    parts |= {letter + b"TRC": parametric for letter in (b"r", b"g", b"b")}
    table, body = b"", b""
    start = 128 + 4 + 12 * len(parts)
    for tag, part in parts.items():
        table += tag + struct.pack(">II", start + len(body), len(part))
        body += part
    size = start + len(body)
    header = struct.pack(">I4sI", size, b"", 0x04300000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    header += _pack_numbers(_D50) + bytes(48)
    return header + struct.pack(">I", len(parts)) + table + body


def _to_xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _pack_numbers(numbers: Iterable[float]) -> bytes:
    """As s15Fixed16Number."""
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _find_cicp(content: bytes) -> bytes | None:
    """By PNG's chunk cICP, which stands before the pixels."""
    place = content.find(b"\0\0\0\4cICP", 0, content.find(b"IDAT"))
    if place < 0:
        return None
    primaries, transfer, matrix, is_full_range = content[place + 8 : place + 12]
    return None if matrix or not is_full_range else _make_by_code(primaries, _PNG_CURVES.get(transfer))


def _find_nclx(content: bytes) -> bytes | None:
    """By the box colr of ISO 23008-12."""
    place = content.find(b"colrnclx", 0, _BOXES_BYTES)
    if place < 0 or place + 12 > len(content):
        return None
    primaries, transfer = struct.unpack(">HH", content[place + 8 : place + 12])
    return _make_by_code(primaries, _BOX_CURVES.get(transfer))


@cache
def _make_by_code(primaries: int, curve: Curve | None) -> bytes | None:
    return None if primaries not in _PRIMARIES or curve is None else make_profile(_PRIMARIES[primaries], curve)


def _read_gamma(image: Image.Image) -> bytes | None:
    """By PNG's chunks gAMA and cHRM, which count where no sRGB chunk stands."""
    gamma = image.info.get("gamma")
    chromaticities = image.info.get("chromaticity")
    if not gamma or "srgb" in image.info:
        return None
    if chromaticities is None and abs(gamma * 2.2 - 1) <= _GAMMA_TOLERANCE:
        return None
    try:
        return make_profile(chromaticities or _PRIMARIES[1], (1 / gamma,))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError, struct.error):
        return None


@lru_cache(16)
def _find_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None where the profile is sRGB's, broken, or not made for such images."""
    space = profile[16:20].decode("latin-1")
    if len(profile) > _MAX_PROFILE_BYTES or space not in _SPACES[mode]:
        return None
    source = "RGB" if space == "RGB " else mode
    try:
        transform = ImageCms.ImageCmsTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, source, "RGB", _INTENT
        )
        is_srgb = source == "RGB" and _changes_nothing(transform)
    except (OSError, ValueError, TypeError):
        return None
    return None if is_srgb else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.linspace(0, 255, _GRID).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(_GRID, -1, 3)
    converted = np.asarray(transform.apply(Image.fromarray(grid)))
    return int(np.abs(converted.astype(int) - grid).max()) <= _SAME_COLOUR
