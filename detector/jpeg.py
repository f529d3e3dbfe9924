"""JPEG files: sound ones straight into an array, in half of Pillow's time, and those that lack only their end."""

import re
import struct

import numpy as np
import simplejpeg
from numpy.typing import NDArray

_EOI, _SOS = b"\xff\xd9", b"\xff\xda"
_TAIL_BYTES = 64
# In a scan 0xFF is followed by 0 or a restart marker; anything else ends it.
_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, Huffman coded
_ALL_BITS = 15
_COLOURS = {1: "GRAY", 3: "RGB", 4: "CMYK"}  # by the number of components


def unpack(content: bytes, width: int, height: int) -> NDArray[np.uint8] | None:
    """uint8 (height, width, 3) RGB 0-255, not turned by EXIF; the size is the file's or a half, a quarter, an eighth.

    None where libjpeg has anything to object to: Pillow reads what can be read all the same, or says what is wrong.
    """
    try:
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(content, "RGB", min_height=height, min_width=width)
    except ValueError:
        return None
    return pixels if pixels.shape == (height, width, 3) else None


def restore_end(content: bytes, max_pixels: int) -> bytes:
    """The same bytes; with the marker EOI behind them where that is all that a JPEG lacks, every pixel being there.

    To find that out it is decoded, unless it has more than so many pixels.
    """
    if not content.startswith(b"\xff\xd8") or _EOI in content[-_TAIL_BYTES:]:
        return content
    # A scan's data hold no marker, so the last one that begins is the picture's: a thumbnail's stand before it.
    if content.find(_EOI, max(content.rfind(_SOS), 0)) >= 0:
        return content
    ended = content + _EOI
    return ended if _is_sound(ended, max_pixels) else content


def _is_sound(content: bytes, max_pixels: int) -> bool:
    """Whether libjpeg has nothing to object to and every coefficient of every component is there in full."""
    try:
        components = _count_components(content, max_pixels)
        if not components:
            return False
        # An eighth of the size: all is read and hardly anything computed.
        simplejpeg.decode_jpeg(content, _COLOURS[components], min_height=1, min_width=1)
    except (ValueError, LookupError, struct.error):
        return False
    return True


def _count_components(content: bytes, max_pixels: int) -> int:
    """Count the components, 0 if the data of one is incomplete: a progressive JPEG comes in scans (ITU-T T.81, G)."""
    open_bits: dict[int, list[int]] = {}  # of each component's 64 coefficients: how many bits are still to come
    position = 2
    while content[position + 1] != _EOI[1]:
        marker, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        body = content[position + 4 : position + 2 + length]
        position += 2 + length
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", body[1:5])
            if height * width > max_pixels:
                return 0
            open_bits = {identifier: [_ALL_BITS] * 64 for identifier in body[6::3]}
        elif marker == _SOS[1]:
            count = body[0]
            start, end, approximation = body[1 + 2 * count : 4 + 2 * count]
            for identifier in body[1 : 1 + 2 * count : 2]:
                open_bits[identifier][start : end + 1] = [approximation & 15] * (end + 1 - start)
            found = _SCAN_END.search(content, position)
            position = len(content) if found is None else found.end() - 2
    return 0 if any(map(any, open_bits.values())) else len(open_bits)
