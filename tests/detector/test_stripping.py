"""What a file tells beside its pixels goes, and the pixels stay as they are encoded."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from detector import errors
from detector.decode import decode, read_header
from detector.evidence import metadata
from detector.evidence.provenance import position
from detector.stripping import strip
from tests.detector.test_decode import FORMATS, draw, encode

SECRET = "where-it-was-taken"
PROFILE = b"a colour profile" * 10
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def exif(orientation: int = 1) -> bytes:
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = orientation
    told[ExifTags.Base.Make] = SECRET
    told.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 22.0, 0.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    return told.tobytes()


def texts() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_text("Author", SECRET, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(orientation: int = 1, **options: object) -> bytes:
    """With a comment, IPTC, credentials, and a second picture behind the first, as phones write them."""
    whole = encode(draw(), "JPEG", exif=exif(orientation), xmp=XMP, icc_profile=PROFILE, comment=SECRET, **options)
    more = segment(0xED, b"Photoshop 3.0\0" + SECRET.encode()) + segment(0xEB, b"JP\0\0" + SECRET.encode())
    return whole[:2] + more + whole[2:] + encode(draw(), "JPEG", exif=exif())


def png(orientation: int = 1) -> bytes:
    return encode(draw(), "PNG", exif=exif(orientation), pnginfo=texts(), icc_profile=PROFILE) + SECRET.encode()


def webp(orientation: int = 1, **options: object) -> bytes:
    whole = encode(draw(), "WEBP", exif=exif(orientation), xmp=XMP, icc_profile=PROFILE, **options)
    body = whole[12:] + b"C2PA" + struct.pack("<I", len(SECRET)) + SECRET.encode()
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


FILES = {
    "JPEG": jpeg(),
    "progressive JPEG": jpeg(progressive=True),
    "JPEG with restarts": jpeg(restart_marker_blocks=2),
    "PNG": png(),
    "WebP": webp(),
    "lossless WebP": webp(lossless=True),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_nothing_but_the_pixels_and_their_colours_is_left(content: bytes) -> None:
    bare = strip(content)

    assert len(bare) < len(content)
    assert SECRET.encode() not in bare
    assert position(content)
    assert position(bare) == {}
    told = metadata(bare)
    assert (told.exif, told.texts, told.digital_source_type) == ({}, {}, None)
    assert Image.open(io.BytesIO(bare)).info["icc_profile"] == PROFILE
    assert np.array_equal(decode(bare), decode(content))


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize("orientation", [3, 6])
def test_it_stays_upright(make: type, orientation: int) -> None:
    content = make(orientation)

    bare = strip(content)

    assert np.array_equal(decode(bare), decode(content))
    assert read_header(bare) == read_header(content)
    assert metadata(bare).exif == {"Orientation": str(orientation)}
    assert position(bare) == {}


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_an_animation_keeps_its_frames(file_format: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "green")]
    content = encode(frames[0], file_format, save_all=True, append_images=frames[1:], exif=exif())

    bare = strip(content)

    assert position(content)
    assert position(bare) == {}
    assert metadata(bare).frames == 3
    shown = Image.open(io.BytesIO(bare))
    shown.seek(2)
    assert np.abs(np.asarray(shown.convert("RGB"))[8, 8].astype(int) - (0, 128, 0)).max() < 10


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_a_jpeg_of_another_mode_keeps_its_colours(mode: str) -> None:
    content = encode(draw(mode), "JPEG", exif=exif())

    assert np.array_equal(decode(strip(content)), decode(content))


@pytest.mark.parametrize("file_format", sorted({*FORMATS} - {"JPEG", "PNG", "WEBP"}))
def test_other_formats_are_refused(file_format: str) -> None:
    with pytest.raises(errors.MetadataStays):
        strip(encode(draw(), file_format))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of the damage
@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_damage_ends_in_a_refusal_or_in_a_file_that_tells_nothing(content: bytes) -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        damaged = bytearray(content[: rng.integers(20, len(content) + 1)])
        for place in rng.integers(0, len(damaged), size=3):
            damaged[place] = rng.integers(0, 256)
        try:
            bare = strip(bytes(damaged))
        except errors.DetectorError as refusal:
            assert refusal.code  # noqa: PT017 - either way out is right, any other exception is not
        else:
            assert SECRET.encode() not in bare


def test_a_chunk_that_names_a_length_past_the_end_is_refused() -> None:
    start = encode(draw(), "PNG").partition(b"IEND")[0][:-4]
    torn = start + struct.pack(">I", 1000) + b"tEXt" + b"short" + struct.pack(">I", zlib.crc32(b"tEXtshort"))

    with pytest.raises(errors.MetadataStays):
        strip(torn)


def test_a_thumbnail_in_the_first_segment_goes() -> None:
    plain = encode(draw(), "JPEG")
    (length,) = struct.unpack(">H", plain[4:6])
    small = bytes([1, 6]) + SECRET.encode()[:18]  # six pixels
    content = plain[:2] + segment(0xE0, plain[6:18] + small) + plain[4 + length :]

    bare = strip(content)

    assert bare == plain
    assert np.array_equal(decode(bare), decode(content))
