"""Bytes become pixels here and nowhere else: told by content, bounded before unpacking."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image

from detector import colour, containers, errors, frames, jpeg

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 100_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # beyond it Pillow warns, at twice as many it refuses
# The picture itself alone, which a thumbnail in the file may not resemble; and one thread, as everywhere.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

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
# From so many pixels other formats are shrunk too, by means, while they are copied out of Pillow's memory.
_LARGE_FROM = 50_000_000
# Copied at a time, in whole rows: colours and alpha then take memory for so many alone.
_STRIP_PIXELS = 4_000_000

# Where Pillow keeps a file's EXIF, the second for what ImageMagick wrote into a PNG.
_EXIF_KEYS = ("exif", "Raw profile type exif")
_TURNS: dict[int, Callable[[NDArray[np.uint8]], Any]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.flip(pixels, -1),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.flip(cv2.transpose(pixels), -1),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


@dataclass(frozen=True)
class Header:
    """What the first bytes promise; width and height as seen after EXIF orientation."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Decoded:
    """Pixels uint8 (height, width, 3) sRGB 0-255, and a JPEG's luminance table in natural order.

    `width` and `height` are those of the whole upright image; its pixels are `reduction` times fewer on each side.
    `frames` is how many frames or pages the file has, `is_animated` whether they are one picture over time, and
    `place` which of them this is.
    """

    pixels: NDArray[np.uint8]
    luminance_table: tuple[int, ...] | None
    width: int
    height: int
    reduction: int
    frames: int = 1
    is_animated: bool = False
    place: int = 0


def read_header(source: bytes | BinaryIO) -> Header:
    """Tell format and size by the bytes, without unpacking a pixel; raises the leaves of DecodeError."""
    with open_image(source) as image:
        width, height = _measure_upright(image)
        return Header(format=name_of(image), width=width, height=height)


def decode(content: bytes) -> NDArray[np.uint8]:
    """Unpack the first frame: uint8 (height, width, 3), sRGB, 0-255; raises the leaves of DecodeError.

    As a browser shows it: EXIF orientation and colour profiles are applied (see colour), alpha is laid on white,
    palettes are expanded, and of 16 bits a channel the upper 8 are kept.
    """
    return unpack(content).pixels


def unpack(content: bytes, *, short_side: int | None = None, place: int = 0) -> Decoded:
    """What `decode` gives, with what the file says about its compression; raises the leaves of DecodeError.

    Where `short_side` is given, a JPEG is unpacked to a half, a quarter or an eighth of its pixels a side, the least
    whose shorter side still has so many: libjpeg leaves the finer frequencies of each block out and needs a third of
    the time. So an image of less than twice `short_side` is always unpacked whole. Of other formats those of more
    than 50 megapixels are shrunk so, by means.
    """
    return next(unpack_frames(content, [place], short_side=short_side))


def unpack_frames(content: bytes, places: Iterable[int], *, short_side: int | None = None) -> Iterator[Decoded]:
    """The frames of an animation at these places, in rising order, each as `unpack` gives it."""
    with open_image(content) as image:
        tables = list_tables(image)
        count = frames.count(image, io.BytesIO(content))
        is_animated = count > 1 and frames.is_animation(image)
        for place in places:
            if place:
                _seek(image, place, content)
            width, height = _measure_upright(image)
            reduction = 1 if short_side is None else _reduce(image, short_side)
            pixels = _unpack_upright(image, content, reduction)
            if reduction == 1:
                height, width = pixels.shape[:2]
            yield Decoded(pixels, tables[0] if tables else None, width, height, reduction, count, is_animated, place)


def _measure_upright(image: Image.Image) -> tuple[int, int]:
    # Pillow reports a TIFF's size already turned.
    is_lying = image.format != "TIFF" and orientation_of(image) >= 5
    return image.size[::-1] if is_lying else image.size


def _seek(image: Image.Image, place: int, content: bytes) -> None:
    try:
        image.seek(place)
    except _BOMBS as error:
        raise errors.TooManyPixels from error
    except BROKEN as error:
        raise _diagnose(error, content) from error
    _check_pixels(image)  # a GIF's frame may be larger than those before it


def _unpack_upright(image: Image.Image, content: bytes, reduction: int) -> NDArray[np.uint8]:
    profile = colour.find_profile(image, content)
    pixels = _unpack_array(image, content)
    if pixels is None:
        load(image, content)
    try:
        turn = _TURNS.get(orientation_of(image))  # Pillow turns a TIFF while it is loaded
        is_jpeg = name_of(image) == "JPEG"
        if pixels is None or not is_jpeg or colour.is_converted(profile):
            pixels = _copy_out(image if pixels is None else pixels, profile, 1 if is_jpeg else reduction)
        return pixels if turn is None else np.asarray(turn(pixels), dtype=np.uint8)
    except (*BROKEN, cv2.error) as error:
        raise _diagnose(error, content) from error


def _unpack_array(image: Image.Image, content: bytes) -> NDArray[np.uint8] | None:
    """Without Pillow, where that takes half of the time (JPEG) or a third of the memory (large WebP)."""
    if name_of(image) == "JPEG" and image.mode == "RGB":
        return jpeg.unpack(content, image.width, image.height)
    if image.format == "WEBP" and _is_large(image) and not getattr(image, "is_animated", False):
        return _unpack_webp(content)
    return None


def _unpack_webp(content: bytes) -> NDArray[np.uint8]:
    """uint8 (height, width, 3 or 4) RGB or RGBA."""
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _diagnose(error, content) from (MemoryError() if error.code == cv2.Error.StsNoMem else error)
    if pixels is None:
        raise _diagnose(ValueError(), content)
    order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, order, dst=pixels), dtype=np.uint8)


def _is_large(image: Image.Image) -> bool:
    return image.width * image.height > _LARGE_FROM


def _reduce(image: Image.Image, short_side: int) -> int:
    """Choose the reduction of an image's sides, and set it in the decoder where that is a JPEG's."""
    is_jpeg = name_of(image) == "JPEG"
    if not is_jpeg and not _is_large(image):
        return 1
    width, height = image.size
    wanted = next((each for each in _REDUCTIONS if min(width, height) // each >= short_side), 1)
    if not is_jpeg:
        return wanted
    if wanted > 1:
        image.draft(image.mode, (width // wanted, height // wanted))
    return round(width / image.width)


def _copy_out(source: Image.Image | NDArray[np.uint8], profile: bytes | None, reduction: int) -> NDArray[np.uint8]:
    """A loaded image in sRGB, strip by strip, each side `reduction` times shorter, rounded up."""
    width, height = source.size if isinstance(source, Image.Image) else source.shape[1::-1]
    rows = max(_STRIP_PIXELS // width // reduction, 1) * reduction
    if height <= rows:
        return _strip_to_array(_crop(source, 0, height), profile, reduction)
    pixels = np.empty((-(-height // reduction), -(-width // reduction), 3), dtype=np.uint8)
    for top in range(0, height, rows):
        strip = _crop(source, top, min(top + rows, height))
        pixels[top // reduction : (top + rows) // reduction] = _strip_to_array(strip, profile, reduction)
    return pixels


def _crop(source: Image.Image | NDArray[np.uint8], top: int, bottom: int) -> Image.Image:
    if not isinstance(source, Image.Image):
        return Image.fromarray(source[top:bottom])
    return source if bottom - top == source.height else source.crop((0, top, source.width, bottom))


def _strip_to_array(strip: Image.Image, profile: bytes | None, reduction: int) -> NDArray[np.uint8]:
    converted = _to_srgb(strip, profile)
    return np.asarray(converted if reduction == 1 else converted.reduce(reduction), dtype=np.uint8)


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
    stream = io.BytesIO(jpeg.restore_end(source, MAX_PIXELS)) if isinstance(source, bytes) else source
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
        content = stream.read()
        if containers.is_intact(content):
            raise errors.UnsupportedKind(containers.name(content[:64])) from error
        raise _diagnose(error, content) from error
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
    if any(word in words for word in ("unsupported", "not supported", "not implemented", "unknown")):
        return errors.UnsupportedKind(containers.name(content[:64]))
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


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I;16"):
        high_byte = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return colour.convert_to_srgb(Image.fromarray(high_byte), profile)
    if image.mode in ("I", "F"):
        raise errors.UnsupportedKind("32-bit")
    if not image.has_transparency_data:
        return colour.convert_to_srgb(_to_mode_of_profile(image), profile)
    layer = image.convert("RGBA")
    opaque = colour.convert_to_srgb(image.convert("L") if image.mode == "LA" else layer.convert("RGB"), profile)
    white = Image.new("RGB", image.size, "white")
    white.paste(opaque, mask=layer.getchannel("A"))
    return white


def _to_mode_of_profile(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")
