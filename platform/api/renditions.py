"""Makes pictures for the screen: upright, small enough, re-encoded, so nothing of the sender's bytes comes along."""

import io
import os
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from PIL import Image

from batches import store
from detector import decode

# A decoded image of 50 megapixels takes 150 MB, and eight threads serve requests.
decoding = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Rendition:
    max_pixels: int  # on the longer side
    quality: int
    is_kept: bool  # thumbnails are asked for by the hundred; a large one costs more disk than time


LARGE = Rendition(2048, quality=92, is_kept=False)
SMALL = Rendition(320, quality=82, is_kept=True)


def render(sha256: str, rendition: Rendition) -> bytes:
    """A stored image as JPEG; raises FileMissing, FileCorrupt and the leaves of DecodeError."""
    path = path_of(sha256, rendition)
    if rendition.is_kept:
        with suppress(FileNotFoundError):
            return path.read_bytes()
    content = encode(store.read(sha256), rendition)
    if rendition.is_kept:
        with suppress(OSError):  # a full disk costs the next reader time and this one nothing
            keep(path, content)
    return content


def encode(original: bytes, rendition: Rendition) -> bytes:
    with decoding:
        image = Image.fromarray(decode.decode(original))
        image.thumbnail((rendition.max_pixels, rendition.max_pixels), Image.Resampling.BILINEAR, reducing_gap=2)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=rendition.quality)
    return output.getvalue()


def keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{uuid.uuid4().hex}.draft")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)  # so nobody reads half of it
    finally:
        draft.unlink(missing_ok=True)


def path_of(sha256: str, rendition: Rendition) -> Path:
    folder: Path = settings.THUMBNAILS / sha256[:2]
    return folder / f"{sha256}-{rendition.max_pixels}.jpg"
