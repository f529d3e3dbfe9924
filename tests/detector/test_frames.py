"""Frames and pages are counted without unpacking one, in a bounded number of steps."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from detector import errors, frames
from detector.decode import MAX_BYTES, decode, open_image, read_header, unpack_frames
from detector.evidence import metadata
from tests.detector.test_decode import encode

GIF_START = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
GIF_FRAME = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"


def animate(file_format: str, count: int) -> bytes:
    colours = [(40 * place, 255 - 40 * place, 90) for place in range(count)]
    images = [Image.new("RGB", (16, 16), colour) for colour in colours]
    return encode(images[0], file_format, save_all=True, append_images=images[1:])


def tiff(pages: int, *, is_big: bool = False, last: int = 0) -> bytes:
    """Directories of one pixel each; the last one points to the directory at `last`."""
    tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    number, short, kind = ("<Q", "<Q", 16) if is_big else ("<I", "<H", 4)
    start = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) if is_big else b"II*\0" + struct.pack("<I", 8)
    entries = b"".join(
        struct.pack("<HH", tag, kind) + struct.pack(number, 1) + struct.pack(number, value) for tag, value in tags
    )
    size = struct.calcsize(short) + len(entries) + struct.calcsize(number)
    content = start
    for page in range(pages):
        following = len(start) + (page + 1) * size if page + 1 < pages else last
        content += struct.pack(short, len(tags)) + entries + struct.pack(number, following)
    return content


def png(said: int) -> bytes:
    """One pixel, and the word that so many frames follow."""
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0),
        b"acTL": struct.pack(">II", said, 0),
        b"fcTL": struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0),
        b"IDAT": zlib.compress(b"\0\0"),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks.items()
    )


def count(content: bytes) -> int:
    with open_image(content) as image:
        return frames.count(image, io.BytesIO(content))


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("number", [2, 5])
def test_frames_are_counted_as_a_viewer_does(file_format: str, number: int) -> None:
    content = animate(file_format, number)

    assert count(content) == number == Image.open(io.BytesIO(content)).n_frames  # type: ignore[attr-defined]
    assert metadata(content).frames == number


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "HEIF"])
def test_a_single_image_is_one_frame(file_format: str) -> None:
    assert count(encode(Image.new("RGB", (16, 16), "teal"), file_format)) == 1


@pytest.mark.parametrize("is_big", [False, True])
def test_pages_are_followed_in_both_kinds_of_tiff(is_big: bool) -> None:
    assert count(tiff(3, is_big=is_big)) == 3


def test_pages_in_a_circle_are_counted_once() -> None:
    assert count(tiff(3, last=8)) == 3


MANY = {
    "GIF": GIF_START + GIF_FRAME * 1_001 + b";",
    "PNG": png(1_001),
    "TIFF": tiff(1_001),
    "endless TIFF": tiff(5_000),
}


@pytest.mark.parametrize("content", MANY.values(), ids=MANY)
def test_more_than_a_thousand_frames_are_refused_before_one_is_unpacked(content: bytes) -> None:
    for call in (read_header, decode):
        with pytest.raises(errors.TooManyFrames):
            call(content)
    with pytest.raises(errors.TooManyFrames):
        read_header(io.BytesIO(content))


@pytest.mark.parametrize("file_format", ["WEBP", "AVIF"])
def test_the_limit_holds_where_the_container_says_the_number(file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 4)

    assert read_header(animate(file_format, 4)).format == file_format
    with pytest.raises(errors.TooManyFrames):
        read_header(animate(file_format, 5))


@pytest.mark.parametrize("content", [GIF_START + GIF_FRAME * 1_000 + b";", tiff(1_000)], ids=["GIF", "TIFF"])
def test_a_thousand_frames_are_still_taken(content: bytes) -> None:
    assert decode(content).shape == (1, 1, 3)


def test_a_file_made_to_be_slow_to_count_is_not() -> None:
    """Its frames stand behind millions of blocks of one byte: the count gives up before it comes to them."""
    slow = b"\x21\xfe" + b"\x01a" * 5_000_000 + b"\0"
    content = GIF_START + GIF_FRAME + slow + GIF_FRAME * 1_001 + b";"
    assert len(content) < MAX_BYTES

    assert count(content) == 1


def test_what_is_cut_or_no_block_ends_the_count_and_not_the_image() -> None:
    assert count(GIF_START + GIF_FRAME * 3) == 3  # no end is marked
    assert count(GIF_START + GIF_FRAME + b"\0\0\0" + GIF_FRAME + b";") == 2
    assert count(GIF_START + GIF_FRAME + GIF_FRAME[:6]) == 1
    assert count(tiff(3, last=2**31)) == 3
    assert count(tiff(3)[:-20]) == 3


@pytest.mark.parametrize(
    ("number", "width", "expected"),
    [
        (1, 100, [0]),
        (16, 100, list(range(16))),
        (31, 100, list(range(0, 31, 2))),
        (1_000, 100, [round(place * 999 / 15) for place in range(16)]),
        (1_000, 10_000, [0]),  # 100 megapixels each
        (1_000, 5_000, [0, 1, 2, 3, 4, 5]),  # 25: those behind it are too far
    ],
)
def test_frames_to_look_at_are_all_or_evenly_spaced_and_bounded(number: int, width: int, expected: list[int]) -> None:
    assert frames.choose(number, width, width) == expected


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_each_frame_is_unpacked_as_it_is_shown(file_format: str) -> None:
    content = animate(file_format, 5)

    unpacked = list(unpack_frames(content, [0, 2, 4]))

    assert [frame.place for frame in unpacked] == [0, 2, 4]
    assert all((frame.frames, frame.is_animated) == (5, True) for frame in unpacked)
    for frame in unpacked:
        colour = (40 * frame.place, 255 - 40 * frame.place, 90)
        assert np.abs(frame.pixels.astype(int) - colour).max() < 8


def test_pages_are_no_animation() -> None:
    (page,) = unpack_frames(animate("TIFF", 3), [0])

    assert (page.frames, page.is_animated) == (3, False)


@pytest.mark.parametrize("side", [10_001, 20_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_frame_that_is_too_large_is_refused_when_it_comes(side: int) -> None:
    large = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x44\x01\x00"
    content = GIF_START + GIF_FRAME + large + b";"

    assert read_header(content).width == 1
    with pytest.raises(errors.TooManyPixels):
        list(unpack_frames(content, [0, 1]))
