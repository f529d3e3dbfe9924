"""Bytes become pixels here and nowhere else: told by content, bounded before unpacking."""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from detector import containers, errors, frames, jpeg

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

# Everything Pillow and its C codecs were seen to raise over broken bytes; nothing of ours is among it.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# DecompressionBombWarning is only ever raised where the caller turned warnings into errors.
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# By which libjpeg can shrink a block of 8 x 8 with no more work than for its coarse frequencies.
_REDUCTIONS = (8, 4, 2)

# Where Pillow keeps a file's EXIF, the second for what ImageMagick wrote into a PNG.
_EXIF_KEYS = ("exif", "Raw profile type exif")
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Header:
    """What the first bytes promise; width and height as seen after EXIF orientation."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Decoded:
    """Pixels uint8 (height, width, 3) RGB 0-255, and a JPEG's luminance table in natural order.

    `width` and `height` are those of the whole upright image; its pixels are `reduction` times fewer on each side.
    """

    pixels: NDArray[np.uint8]
    luminance_table: tuple[int, ...] | None
    width: int
    height: int
    reduction: int


def read_header(source: bytes | BinaryIO) -> Header:
    """Tell format and size by the bytes, without unpacking a pixel; raises the leaves of DecodeError."""
    with open_image(source) as image:
        width, height = image.size
        # Pillow reports a TIFF's size already turned.
        if image.format != "TIFF" and orientation_of(image) >= 5:
            width, height = height, width
        return Header(format=name_of(image), width=width, height=height)


def decode(content: bytes) -> NDArray[np.uint8]:
    """Unpack the first frame: uint8 (height, width, 3), RGB, 0-255; raises the leaves of DecodeError.

    EXIF orientation is applied, alpha is laid on white, palettes are expanded, CMYK is converted without
    a colour profile, and of 16 bits a channel the upper 8 are kept. Colour profiles are ignored.
    """
    return unpack(content).pixels


def unpack(content: bytes, *, short_side: int | None = None) -> Decoded:
    """What `decode` gives, with what the file says about its compression; raises the leaves of DecodeError.

    Where `short_side` is given, a JPEG is unpacked to a half, a quarter or an eighth of its pixels a side, the least
    whose shorter side still has so many: libjpeg leaves the finer frequencies of each block out and needs a third of
    the time. So an image of less than twice `short_side` is always unpacked whole.
    """
    with open_image(content) as image:
        tables = list_tables(image)
        upright = image.size if orientation_of(image) >= 5 else image.size[::-1]
        reduction = 1 if short_side is None else _reduce(image, short_side)
        pixels = _unpack_upright(image, content)
    height, width = pixels.shape[:2] if reduction == 1 else upright
    return Decoded(pixels, tables[0] if tables else None, width, height, reduction)


def _unpack_upright(image: Image.Image, content: bytes) -> NDArray[np.uint8]:
    is_plain_jpeg = name_of(image) == "JPEG" and image.mode == "RGB"
    pixels = jpeg.unpack(content, image.width, image.height) if is_plain_jpeg else None
    if pixels is None:
        load(image, content)
    try:
        turn = _ORIENTATIONS.get(orientation_of(image))  # Pillow turns a TIFF while it is loaded
        if pixels is not None and turn is None:
            return pixels
        loaded = image if pixels is None else Image.fromarray(pixels)
        turned = loaded if turn is None else loaded.transpose(turn)
        return np.asarray(_to_rgb(turned), dtype=np.uint8)
    except BROKEN as error:
        raise _diagnose(error, content) from error


def _reduce(image: Image.Image, short_side: int) -> int:
    """Has a JPEG unpacked smaller later on, and returns by how much."""
    if name_of(image) != "JPEG":
        return 1
    width, height = image.size
    for reduction in _REDUCTIONS:
        if min(width, height) // reduction >= short_side:
            image.draft(image.mode, (width // reduction, height // reduction))
            break
    return round(width / image.width)


def load(image: Image.Image, content: bytes) -> None:
    """Unpack an image that was opened from these bytes; raises the leaves of DecodeError."""
    try:
        image.load()
    except BROKEN as error:
        raise _diagnose(error, content) from error


def list_tables(image: Image.Image) -> list[tuple[int, ...]]:
    """A JPEG's quantisation tables in natural order, luminance first; none of other formats."""
    tables: dict[int, list[int]] = getattr(image, "quantization", None) or {}
    return [tuple(tables[key]) for key in sorted(tables) if len(tables[key]) == 64]


@contextmanager
def open_image(source: bytes | BinaryIO) -> Iterator[Image.Image]:
    """Pillow's image by content, not yet unpacked, within our limits; raises the leaves of DecodeError."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    _check_bytes(stream)
    start = stream.read(64)
    stream.seek(0)
    try:
        image = Image.open(stream, formats=FORMATS)
    except _BOMBS as error:
        raise errors.TooManyPixels from error
    except BROKEN as error:
        if not containers.looks_known(start):
            raise errors.UnsupportedFormat from error
        stream.seek(0)
        raise _diagnose(error, stream.read()) from error
    with image:
        _check_pixels(image)
        if frames.count(image, stream) > frames.MAX_FRAMES:
            raise errors.TooManyFrames
        yield image


def _check_bytes(stream: BinaryIO) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise errors.EmptyFile
    if size > MAX_BYTES:
        raise errors.FileTooLarge


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise errors.TooManyPixels
    if image.width < 1 or image.height < 1:
        raise errors.UndecodableImage


def _diagnose(error: BaseException, content: bytes) -> errors.DecodeError:
    words = str(error).lower()
    if any(word in words for word in ("truncated", "eof", "end of file", "not enough", "incomplete")):
        return errors.TruncatedImage()
    if containers.ends_early(content):
        return errors.TruncatedImage()
    return errors.UndecodableImage()


def orientation_of(image: Image.Image) -> int:
    """EXIF's, 1 to 8; 1 is upright."""
    # Of an image with nothing but the EXIF: where that says nothing Pillow asks XMP, which no browser does. And PNG's
    # own reader would unpack the pixels to look for a late chunk.
    bare = Image.new("1", (1, 1))
    bare.info = {key: value for key, value in image.info.items() if key in _EXIF_KEYS}
    try:
        return int(bare.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:
        return 1  # broken metadata is no reason to refuse a sound picture


def name_of(image: Image.Image) -> str:
    """The format, by the name of FORMATS: phones store MPO, a JPEG with more JPEGs behind it."""
    return "JPEG" if image.format == "MPO" else str(image.format)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        high_byte = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return Image.fromarray(high_byte).convert("RGB")
    if image.mode in ("I", "F"):
        raise errors.UnsupportedFormat("32 bits a channel")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")
