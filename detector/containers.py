"""What the bytes around an image say: whose format it is, and whether its end is there."""


def looks_known(start: bytes) -> bool:
    """Whether a file's first 64 bytes are those of a format that is read here."""
    signatures = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
    return (
        start.startswith(signatures)
        or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")
        or (start[4:8] == b"ftyp" and (b"avif" in start or b"avis" in start))
    )


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


def _boxes_end(content: bytes) -> int:
    """Where the last ISO-BMFF box of the file says that it ends."""
    position = 0
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        if size < 8:
            break
        position += size
    return position
