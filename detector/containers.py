"""What the bytes around an image say: whose format it is, and whether its end is there."""

_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_NAMES = {
    b"BM": "BMP",
    b"\xff\xd8": "JPEG",
    b"\x89P": "PNG",
    b"GIF": "GIF",
    b"II": "TIFF",
    b"MM": "TIFF",
    b"RIFF": "WebP",
}
# Boxes of boxes, and where the first one stands in each (ISO 14496-12, ISO 23008-12).
_NESTING = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"dinf": 8}


def looks_known(start: bytes) -> bool:
    """Whether a file's first 64 bytes are those of a format that is read here."""
    signatures = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
    return (
        start.startswith(signatures)
        or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")
        or (start[4:8] == b"ftyp" and any(brand in start for brand in _BRANDS))
    )


def name(start: bytes) -> str:
    """How people call the format that a file's first bytes are of."""
    for signature, called in _NAMES.items():
        if start.startswith(signature):
            return called
    return "AVIF" if b"avif" in start or b"avis" in start else "HEIC"


def is_intact(content: bytes) -> bool:
    """Whether the boxes of an ISO-BMFF file fill it and each other to the byte: then it is hardly a damaged one."""
    return content[4:8] == b"ftyp" and _are_boxes_full(content, 0, len(content))


def ends_early(content: bytes) -> bool:
    """Whether the container's own end is missing, for codecs that only say that something is wrong."""
    if content.startswith(b"RIFF"):
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    if content.startswith(b"\x89PNG"):
        return b"IEND" not in content[-64:]
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in content[-64:]
    if content.startswith(b"BM"):
        return len(content) < int.from_bytes(content[2:6], "little")
    if content[4:8] == b"ftyp":
        return _boxes_end(content) > len(content)
    return False


def _are_boxes_full(content: bytes, position: int, end: int) -> bool:
    while position + 8 <= end:
        size, kind = int.from_bytes(content[position : position + 4], "big"), content[position + 4 : position + 8]
        if size < 8 or position + size > end:
            return False
        if kind in _NESTING and not _are_boxes_full(content, position + _NESTING[kind], position + size):
            return False
        position += size
    return position == end


def _boxes_end(content: bytes) -> int:
    """Where the last ISO-BMFF box of the file says that it ends."""
    position = 0
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        if size < 8:
            break
        position += size
    return position
