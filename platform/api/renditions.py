"""Makes pictures for the screen: upright, small enough, re-encoded, so nothing of the sender's bytes comes along."""

import io
import threading
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image

from batches import store
from batches.errors import FileMissing, StorageAway, StorageFull
from detector import decode

# An image of 100 megapixels takes up to 800 MB while it is decoded, and eight threads serve requests.
decoding = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Rendition:
    max_pixels: int  # on the longer side
    quality: int
    is_kept: bool  # thumbnails are asked for by the hundred; a large one costs more disk than time


LARGE = Rendition(2048, quality=92, is_kept=False)
SMALL = Rendition(320, quality=82, is_kept=True)


def render(sha256: str, rendition: Rendition, place: int = 0) -> bytes:
    """A stored image as JPEG, of an animation the frame at this place.

    Raises FileMissing, FileCorrupt, StorageAway and the leaves of DecodeError.
    """
    place = 0 if rendition.is_kept else place  # thumbnails are kept by image, for all its analyses
    name = f"{sha256}-{rendition.max_pixels}.jpg"
    if rendition.is_kept:
        with suppress(FileMissing):
            return store.read_thumbnail(name)
    content = encode(store.read(sha256), rendition, place)
    if rendition.is_kept:
        with suppress(OSError, StorageAway, StorageFull):  # costs the next reader time and this one nothing
            store.keep_thumbnail(name, content)
            # Who deletes an image removes its thumbnails last, and may have done so before this one was there.
            if store.missing([sha256]):
                store.remove_thumbnails([sha256])
    return content


def encode(original: bytes, rendition: Rendition, place: int) -> bytes:
    with decoding:
        image = Image.fromarray(decode.unpack(original, short_side=rendition.max_pixels, place=place).pixels)
        image.thumbnail((rendition.max_pixels, rendition.max_pixels), Image.Resampling.BILINEAR, reducing_gap=2)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=rendition.quality)
    return output.getvalue()
