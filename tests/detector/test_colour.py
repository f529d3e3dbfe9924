"""Colours come out as a browser shows them; what is expected of PNG and AVIF was read off Chromium 150."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from detector import colour
from detector.decode import decode
from tests.detector import colours
from tests.detector.colours import ADOBE, P3, SRGB, WIDE, to_space

Picture = NDArray[np.uint8]

SWATCHES = np.array([[[200, 100, 50], [30, 60, 90], [250, 20, 20]]], dtype=np.uint8)
UNCHANGED = SWATCHES[0].tolist()


def draw() -> Picture:
    """Muted ramps, which every space holds."""
    y, x = np.mgrid[0:48, 0:64]
    return np.stack([60 + 2 * x, 70 + 2 * y, 180 - x], axis=-1).astype(np.uint8)


def encode(picture: Picture, file_format: str = "PNG", mode: str | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture, mode).save(stream, file_format, **options)
    return stream.getvalue()


def chunk(kind: bytes, *values: int, form: str = "I") -> bytes:
    body = struct.pack(f">{len(values)}{form}", *values)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(*chunks: bytes, picture: Picture = SWATCHES) -> bytes:
    content = encode(picture)
    return content[:33] + b"".join(chunks) + content[33:]


CHRM = chunk(b"cHRM", *(round(value * 100_000) for value in P3))
SHOWN = {
    "nothing": ([], UNCHANGED),
    "gAMA 1.0": ([chunk(b"gAMA", 100_000)], [[229, 168, 122], [96, 133, 160], [253, 79, 79]]),
    "gAMA 0.43": ([chunk(b"gAMA", 43_000)], [[199, 95, 41], [20, 52, 84], [250, 9, 9]]),
    "gAMA 0.435, near enough": ([chunk(b"gAMA", 43_500)], UNCHANGED),
    "gAMA 0.475, near enough": ([chunk(b"gAMA", 47_500)], UNCHANGED),
    "gAMA 0.48": ([chunk(b"gAMA", 48_000)], [[204, 105, 51], [28, 63, 95], [250, 16, 16]]),
    "cHRM alone": ([CHRM], UNCHANGED),
    "gAMA and cHRM": ([chunk(b"gAMA", 45_455), CHRM], [[216, 93, 24], [6, 58, 92], [255, 0, 0]]),
    "gAMA 1.0 and cHRM": ([chunk(b"gAMA", 100_000), CHRM], [[240, 165, 114], [85, 134, 163], [255, 57, 70]]),
    "sRGB before gAMA": ([chunk(b"gAMA", 100_000), chunk(b"sRGB", 0, form="B")], UNCHANGED),
    "cICP of P3": ([chunk(b"cICP", 12, 13, 0, 1, form="B")], [[215, 93, 31], [17, 61, 93], [255, 0, 0]]),
    "cICP of gamma 2.2": ([chunk(b"cICP", 1, 4, 0, 1, form="B")], [[201, 100, 46], [24, 57, 90], [250, 12, 12]]),
    "cICP of gamma 2.8": ([chunk(b"cICP", 5, 5, 0, 1, form="B")], [[192, 76, 27], [6, 36, 66], [254, 3, 3]]),
    "cICP of BT.709": ([chunk(b"cICP", 1, 1, 0, 1, form="B")], [[197, 91, 39], [18, 49, 81], [250, 7, 7]]),
    "cICP of BT.2020": ([chunk(b"cICP", 9, 14, 0, 1, form="B")], [[239, 63, 5], [0, 52, 84], [255, 0, 0]]),
    "cICP of linear light": ([chunk(b"cICP", 1, 8, 0, 1, form="B")], [[229, 168, 122], [96, 133, 160], [253, 79, 79]]),
    "cICP of limited range": ([chunk(b"cICP", 12, 13, 0, 0, form="B")], UNCHANGED),
}


@pytest.mark.parametrize(("chunks", "shown"), SHOWN.values(), ids=SHOWN)
def test_a_pngs_chunks_change_its_colours_as_in_chromium(chunks: list[bytes], shown: list[list[int]]) -> None:
    assert np.abs(decode(png_with(*chunks))[0].astype(int) - shown).max() <= 2


def test_a_pngs_cicp_goes_before_its_profile() -> None:
    content = encode(SWATCHES, icc_profile=colour.make_profile(P3, (2.2,)))

    assert decode(content)[0].tolist() != UNCHANGED
    assert decode(content[:33] + chunk(b"cICP", 1, 13, 0, 1, form="B") + content[33:])[0].tolist() == UNCHANGED


@pytest.mark.parametrize("transfer", [13, 1])  # television's curve is taken for sRGB's there
@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
def test_the_primaries_that_boxes_state_are_converted(file_format: str, transfer: int) -> None:
    whole: dict[str, Any] = {"subsampling": "4:4:4", "speed": 10} if file_format == "AVIF" else {"chroma": 444}
    content = encode(np.repeat(np.repeat(SWATCHES, 32, axis=0), 32, axis=1), file_format, quality=100, **whole)
    place = content.index(b"colrnclx") + 8
    content = content[:place] + struct.pack(">HH", 12, transfer) + content[place + 4 :]

    assert np.abs(decode(content)[16, 16::32].astype(int) - [[215, 93, 31], [15, 61, 92], [255, 0, 0]]).max() <= 3


FINE: dict[str, dict[str, Any]] = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "JPEG": {"quality": 100, "subsampling": 0},
    "AVIF": {"quality": 100, "speed": 10},
    "HEIF": {"quality": 100},
}


@pytest.mark.parametrize("space", [P3, ADOBE, WIDE], ids=["P3", "Adobe", "wide"])
@pytest.mark.parametrize("file_format", FINE)
def test_a_profile_is_converted_to_srgb(file_format: str, space: tuple[float, ...]) -> None:
    profile = colour.make_profile(space, (1.8,))
    content = encode(to_space(draw(), space, 1.8), file_format, icc_profile=profile, **FINE[file_format])

    difference = np.abs(decode(content).astype(int) - draw())

    assert difference.mean() < (0.6 if file_format in ("PNG", "TIFF", "WEBP") else 2.5)
    assert np.abs(decode(encode(to_space(draw(), space, 1.8))).astype(int) - draw()).mean() > 10


def test_a_grey_profile_and_a_profile_with_alpha_are_converted() -> None:
    profile = colour.make_profile(SRGB, (1.0,))
    grey = encode(SWATCHES[..., 1], icc_profile=profile)
    half = encode(np.dstack([SWATCHES, np.full((1, 3), 128, np.uint8)]), icc_profile=profile)

    assert decode(grey)[0, :, 0].tolist() == [168, 133, 79]
    expected = (np.array([[229, 168, 122], [96, 133, 160], [253, 79, 79]]) + 255) / 2
    assert np.abs(decode(half)[0] - expected).max() <= 1.5


def test_srgb_under_any_name_changes_nothing() -> None:
    for profile in (
        colour.make_profile(SRGB, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    ):
        assert np.array_equal(decode(encode(draw(), icc_profile=profile)), draw())
        assert not colour.is_converted(profile)


def test_cmyk_is_converted_by_its_profile() -> None:
    content = encode(
        colours.to_cmyk(draw()), "JPEG", "CMYK", quality=100, subsampling=0, icc_profile=colours.make_cmyk_profile()
    )
    bare = encode(colours.to_cmyk(draw()), "JPEG", "CMYK", quality=100, subsampling=0)

    assert np.abs(decode(content).astype(int) - draw()).mean() < 2.5
    assert np.abs(decode(bare).astype(int) - draw()).mean() > 20


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        colour.make_profile(P3, (2.2,))[:300],
        colours.make_cmyk_profile(),  # of an image that is not CMYK
        colour.make_profile(P3, (2.2,)) + bytes(5 * 1024 * 1024),
        b"\xff" * 3000,
    ],
)
def test_a_profile_that_is_of_no_use_is_ignored(profile: bytes) -> None:
    assert np.array_equal(decode(encode(draw(), "TIFF", icc_profile=profile)), draw())


def test_primaries_that_span_nothing_are_ignored() -> None:
    flat = chunk(b"cHRM", 31_270, 32_900, *(30_000,) * 6)

    assert np.array_equal(decode(png_with(chunk(b"gAMA", 100_000), flat))[0], SWATCHES[0])


def test_a_gif_keeps_its_colours() -> None:
    stream = io.BytesIO()
    Image.new("P", (4, 4), 7).save(stream, "GIF", icc_profile=colour.make_profile(P3, (1.0,)))
    bare = io.BytesIO()
    Image.new("P", (4, 4), 7).save(bare, "GIF")

    assert np.array_equal(decode(stream.getvalue()), decode(bare.getvalue()))
