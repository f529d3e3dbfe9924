"""An image file without what it tells beside its pixels, which stay as they are encoded: what is known to be needed to
show them is kept, all else goes, the place and other pictures behind the end among it."""

import re
import struct
import zlib
from collections.abc import Iterator

from detector import decode, errors

FORMATS = ("JPEG", "PNG", "WEBP")

# Without these, pixels or colours look different; PNG's further ones are those of APNG.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_PNG_KEPT |= {
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"cICP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
    b"acTL",
    b"fcTL",
    b"fdAT",
}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_JPEG_KEPT = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD}  # frames, tables, scans, restarts
_JPEG_APPLICATIONS = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # by their first bytes

_EOI, _SOS, _JFIF = 0xD9, 0xDA, 0xE0
_JFIF_START, _JFIF_BYTES = b"JFIF\0", 12  # up to its pixels' shape: two bytes of a thumbnail's size and itself follow
# In coded data 0xFF is followed by 0 or a restart marker; anything else ends it.
_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")

_PNG_START = b"\x89PNG\r\n\x1a\n"
_WEBP_EXIF_FLAG, _WEBP_XMP_FLAG = 0x08, 0x04


def strip(content: bytes) -> bytes:
    """The same pixels in the same coding, turned the same way, without EXIF, XMP, IPTC, comments, texts, credentials.

    An orientation other than upright is written anew, alone. Raises MetadataStays for formats other than FORMATS and
    where the file is not built as its format asks, and the leaves of DecodeError.
    """
    with decode.open_image(content) as image:
        file_format, orientation = decode.name_of(image), decode.orientation_of(image)
    upright = b"" if orientation == 1 else _exif_of(orientation)
    try:
        if file_format == "JPEG":
            return b"".join(_strip_jpeg(content, upright))
        if file_format == "PNG":
            return b"".join(_strip_png(content, upright))
        if file_format == "WEBP":
            return _strip_webp(content, upright)
    except (IndexError, struct.error) as error:
        raise errors.MetadataStays from error
    raise errors.MetadataStays


def _exif_of(orientation: int) -> bytes:
    """A TIFF header and one directory with one entry: tag 0x0112, a short."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _strip_jpeg(content: bytes, exif: bytes) -> Iterator[bytes]:
    """Segments of ITU T.81, annex B, up to the first end of an image."""
    yield b"\xff\xd8"
    if exif:
        yield b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(exif)) + b"Exif\0\0" + exif
    position = 2
    while True:
        while content[position] == 0xFF and content[position + 1] == 0xFF:
            position += 1  # any number of these may come before a marker
        if content[position] != 0xFF:
            raise errors.MetadataStays
        marker = content[position + 1]
        if marker == _EOI:
            yield b"\xff\xd9"
            return
        (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        end = position + 2 + length
        if length < 2 or end > len(content):
            raise errors.MetadataStays
        body = content[position + 4 : end]
        if marker == _JFIF and body.startswith(_JFIF_START):
            yield b"\xff\xe0" + struct.pack(">H", 2 + _JFIF_BYTES + 2) + body[:_JFIF_BYTES] + b"\0\0"
        elif _is_jpeg_kept(marker, body):
            yield content[position:end]
        position = end
        if marker == _SOS:
            found = _SCAN_END.search(content, position)
            if found is None:
                raise errors.MetadataStays
            yield content[position : found.start()]
            position = found.start()


def _is_jpeg_kept(marker: int, body: bytes) -> bool:
    return marker in _JPEG_KEPT or (marker in _JPEG_APPLICATIONS and body.startswith(_JPEG_APPLICATIONS[marker]))


def _strip_png(content: bytes, exif: bytes) -> Iterator[bytes]:
    """Chunks of the PNG specification (W3C, third edition), up to its end."""
    yield _PNG_START
    position, kind = len(_PNG_START), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        end = position + 12 + length
        if end > len(content):
            raise errors.MetadataStays
        if kind in _PNG_KEPT:
            yield content[position:end]
        if kind == b"IHDR" and exif:
            yield struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
        position = end


def _strip_webp(content: bytes, exif: bytes) -> bytes:
    """Chunks of RFC 9649."""
    (size,) = struct.unpack("<I", content[4:8])
    kept = b"".join(_strip_riff(content[12 : 8 + size], exif))
    if exif:
        kept += _riff_chunk(b"EXIF", exif)
    return b"RIFF" + struct.pack("<I", 4 + len(kept)) + b"WEBP" + kept


def _strip_riff(chunks: bytes, exif: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(chunks):
        kind, length = struct.unpack("<4sI", chunks[position : position + 8])
        body = chunks[position + 8 : position + 8 + length]
        if len(body) < length:
            raise errors.MetadataStays
        position += 8 + length + length % 2
        if kind not in _WEBP_KEPT:
            continue
        if kind == b"VP8X":
            flags = body[0] & ~(_WEBP_EXIF_FLAG | _WEBP_XMP_FLAG) | (_WEBP_EXIF_FLAG if exif else 0)
            body = bytes([flags]) + body[1:]
        elif kind == b"ANMF":
            body = body[:16] + b"".join(_strip_riff(body[16:], b""))
        yield _riff_chunk(kind, body)


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
