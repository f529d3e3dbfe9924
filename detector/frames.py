"""Frames of animations and pages of documents: how many a file has, and which are looked at."""

import os
import struct
from typing import BinaryIO

from PIL import Image

MAX_FRAMES = 1_000
MAX_EXAMINED = 16
# Unpacked at most for the frames of one file: to get at a frame all before it are unpacked too. A second or two.
_MAX_PIXELS = 150_000_000
# Formats whose frames show the same picture over time; pages of a TIFF and images of a HEIC are further pictures, and
# a browser shows the first.
_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")

# Pillow counts a GIF's and a TIFF's by reading each whole. A GIF of 20 MB takes 80,000 steps as encoders write it, and
# ten million where somebody made it for that; one is some 0.1 µs.
_MAX_STEPS = 1_000_000

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def choose(count: int, width: int, height: int) -> list[int]:
    """The places of the frames to look at, the first among them: all of a short animation, evenly spaced of a long one.

    Of one too large to be unpacked to its end, only its beginning.
    """
    reachable = min(count, max(_MAX_PIXELS // (width * height), 1))
    chosen = min(reachable, MAX_EXAMINED)
    return [round(place * (reachable - 1) / max(chosen - 1, 1)) for place in range(chosen)]


def is_animation(image: Image.Image) -> bool:
    """Whether its frames are one picture over time."""
    return image.format in _ANIMATED


def count(image: Image.Image, stream: BinaryIO) -> int:
    """Frames or pages of an opened image, at least 1; of a TIFF no more than one over MAX_FRAMES are looked for.

    PNG, WebP, AVIF and HEIF say it where Pillow has read it already. A JPEG is one image, whatever lies behind it:
    phones put depth and gain maps there. Damage ends the count. The stream stays where it was.
    """
    if image.format in ("PNG", "WEBP", "AVIF", "HEIF"):
        return max(1, int(getattr(image, "n_frames", 1)))
    counter = {"GIF": _count_gif, "TIFF": _count_tiff}.get(str(image.format))
    if counter is None:
        return 1
    place = stream.tell()
    try:
        return max(1, counter(stream))
    except (IndexError, OverflowError, ValueError, struct.error):
        return 1
    finally:
        stream.seek(place)


def _count_gif(stream: BinaryIO) -> int:
    """Walks the blocks of the GIF89a specification (W3C, 1990); what is no block is passed over, as browsers do."""
    stream.seek(0)
    content = stream.read()
    position = 13 + _colours(content[10])
    found = steps = 0
    while position < len(content) and steps < _MAX_STEPS and found <= MAX_FRAMES:
        steps += 1
        kind = content[position]
        position += 1
        if kind == _TRAILER:
            break
        if kind == _IMAGE:
            if position + 9 > len(content):
                break
            found += 1
            position += 9 + _colours(content[position + 8]) + 1
        elif kind == _EXTENSION:
            position += 1
        else:
            continue
        while position < len(content) and content[position] and steps < _MAX_STEPS:
            steps += 1
            position += 1 + content[position]
        position += 1
    return found


def _colours(flags: int) -> int:
    """Bytes of the table of colours that a descriptor's flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _count_tiff(stream: BinaryIO) -> int:
    """Follows the directories from one to the next; a circle ends where it closes."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    start = stream.read(16)
    order = "<" if start[:2] == b"II" else ">"
    is_big = struct.unpack(order + "H", start[2:4])[0] == 43  # BigTIFF: numbers of 64 bits
    number, entries, entry_bytes = (order + "Q", order + "Q", 20) if is_big else (order + "I", order + "H", 12)
    (offset,) = struct.unpack(number, start[8:16] if is_big else start[4:8])
    seen: set[int] = set()
    while 0 < offset < size and offset not in seen and len(seen) <= MAX_FRAMES:
        seen.add(offset)
        try:
            (held,) = _read(stream, offset, entries)
            (offset,) = _read(stream, offset + struct.calcsize(entries) + held * entry_bytes, number)
        except struct.error:
            break
    return len(seen)


def _read(stream: BinaryIO, offset: int, form: str) -> tuple[int, ...]:
    stream.seek(offset)
    return struct.unpack(form, stream.read(struct.calcsize(form)))
