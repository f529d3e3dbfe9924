"""Table of formats: the same faces in every format and guise get the same verdict and nearly the same score.

The faces are ten with definite verdicts of the shipped bundle that stay when the picture is saved as JPEG at quality
95 and as WebP at 90: what a format costs is asked here, not where a model or the face finder is undecided.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector import Assessment, Detector, colour, decode, reasons
from tests.conftest import ROOT
from tests.detector import colours

Picture = NDArray[np.uint8]

COUNT, CANDIDATES = 10, 160
MAX_MEAN_DIFFERENCE = 0.02
SELECTED_BY: tuple[dict[str, Any], ...] = (
    {"file_format": "PNG"},
    {"file_format": "JPEG", "quality": 95, "subsampling": 0},
    {"file_format": "WEBP", "quality": 90},
)

# EXIF's orientations, each by the turn that lays an upright picture down for it.
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Table:
    """The faces as pictures, and what the bundle says of each saved as PNG."""

    detector: Detector
    faces: list[Picture]
    expected: list[Assessment]


def save(picture: Picture, file_format: str, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(stream, file_format, **options)
    return stream.getvalue()


def save_in_space(picture: Picture, file_format: str, space: tuple[float, ...], **options: Any) -> bytes:
    profile = colour.make_profile(space, (1.8,))
    return save(colours.to_space(picture, space, 1.8), file_format, icc_profile=profile, **options)


def save_cmyk(picture: Picture) -> bytes:
    stream = io.BytesIO()
    image = Image.fromarray(colours.to_cmyk(picture), "CMYK")
    image.save(stream, "JPEG", quality=99, subsampling=0, icc_profile=colours.make_cmyk_profile())
    return stream.getvalue()


def save_as_16_bits(picture: Picture, ending: str) -> bytes:
    written, content = cv2.imencode(ending, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR).astype(np.uint16) * 257)
    assert written
    return content.tobytes()


def save_planes(picture: Picture) -> bytes:
    """A TIFF whose colours lie apart, one whole plane behind the other."""
    height, width = picture.shape[:2]
    size, start = width * height, 8 + 2 + 12 * 10 + 4
    offsets = start + 12
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 3, start), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 3, offsets), (284, 3, 1, 2)]
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    content = b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4)
    content += struct.pack("<3I", *(offsets + 12 + size * plane for plane in range(3))) + struct.pack(
        "<3I", *[size] * 3
    )
    return content + picture.transpose(2, 0, 1).tobytes()


def save_turned(picture: Picture, file_format: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = TURNS[orientation]
    image = Image.fromarray(picture)
    stream = io.BytesIO()
    laid = image if turn is None else image.transpose(turn)
    laid.save(stream, file_format, exif=exif.tobytes(), quality=98, subsampling=0)
    return stream.getvalue()


FORMATS: dict[str, Callable[[Picture], bytes]] = {
    "JPEG 95": partial(save, file_format="JPEG", quality=95, subsampling=0),
    "JPEG 98, progressive": partial(save, file_format="JPEG", quality=98, subsampling=0, progressive=True),
    "JPEG of RGB": partial(save, file_format="JPEG", quality=98, subsampling=0, keep_rgb=True),
    "JPEG, cut at its end": lambda picture: save(picture, "JPEG", quality=98, subsampling=0)[:-2],
    "WebP": partial(save, file_format="WEBP", quality=98, method=2),
    "WebP, lossless": partial(save, file_format="WEBP", lossless=True),
    "AVIF": partial(save, file_format="AVIF", quality=95, subsampling="4:4:4", speed=9),
    "HEIC": partial(save, file_format="HEIF", quality=95, chroma=444),
    "HEIC of GBR": partial(save, file_format="HEIF", quality=-1, chroma=444, matrix_coefficients=0),
    "HEIC, 4:2:0": partial(save, file_format="HEIF", quality=95),
    "TIFF": partial(save, file_format="TIFF", compression="tiff_lzw"),
    "TIFF, planes": save_planes,
    "TIFF, 16 bits": partial(save_as_16_bits, ending=".tiff"),
    "PNG, 16 bits": partial(save_as_16_bits, ending=".png"),
    "PNG with alpha": partial(save, file_format="PNG", mode="RGBA"),
    "WebP with alpha": partial(save, file_format="WEBP", mode="RGBA", lossless=True),
    "BMP": partial(save, file_format="BMP"),
    "CMYK": save_cmyk,
    "PNG in P3": partial(save_in_space, file_format="PNG", space=colours.P3),
    "JPEG in P3": partial(save_in_space, file_format="JPEG", space=colours.P3, quality=98, subsampling=0),
    "PNG in Adobe RGB": partial(save_in_space, file_format="PNG", space=colours.ADOBE),
    "TIFF in a space as wide as ProPhoto": partial(save_in_space, file_format="TIFF", space=colours.WIDE),
    **{f"JPEG, EXIF {place}": partial(save_turned, file_format="JPEG", orientation=place) for place in TURNS},
    "HEIC, EXIF 6": partial(save_turned, file_format="HEIF", orientation=6),
}


@pytest.fixture(scope="module")
def table(shared_data: Path) -> Table:
    detector = Detector.open(ROOT / "models" / "best")
    faces = [decode.decode(path.read_bytes()) for path in spread(shared_data / "faces")]
    plain, *others = (assess(detector, faces, partial(save, **options)) for options in SELECTED_BY)
    chosen = [
        place
        for place, (one, *again) in enumerate(zip(plain, *others, strict=True))
        if one.verdict in ("fake", "real") and {other.verdict for other in again} == {one.verdict} and is_large(one)
    ][:COUNT]
    assert len(chosen) == COUNT
    return Table(detector, [faces[place] for place in chosen], [plain[place] for place in chosen])


def is_large(assessment: Assessment) -> bool:
    """Whether the face is clearly over the least that is assessed: a box moves by some pixels with the format."""
    face = assessment.scores[assessment.deciding].face
    return face is not None and face.side > 1.15 * reasons.MIN_FACE_PX


def spread(folder: Path) -> list[Path]:
    """Some images, by turns of every source and label."""
    kinds = [sorted(path.iterdir())[:8] for path in sorted(folder.glob("*/*")) if path.name in ("real", "fake")]
    return [path for path in chain.from_iterable(zip_longest(*kinds)) if path is not None][:CANDIDATES]


def assess(detector: Detector, faces: list[Picture], encode: Callable[[Picture], bytes]) -> list[Assessment]:
    return detector.assess([detector.examine(encode(face)) for face in faces])


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_changes_no_verdict_and_hardly_a_score(table: Table, name: str) -> None:
    assessments = assess(table.detector, table.faces, FORMATS[name])

    verdicts = [assessment.verdict for assessment in assessments]
    assert verdicts == [assessment.verdict for assessment in table.expected]
    pairs = zip(assessments, table.expected, strict=True)
    assert np.mean([abs(one.fake_probability - other.fake_probability) for one, other in pairs]) <= MAX_MEAN_DIFFERENCE


def test_a_gif_costs_what_its_256_colours_cost(table: Table) -> None:
    """A score near a limit may fall short of it then; the opposite is never said."""
    reduced = [np.asarray(Image.fromarray(face).quantize(256).convert("RGB")) for face in table.faces]

    assessments = assess(table.detector, table.faces, partial(save, file_format="GIF"))

    for face, picture in zip(table.faces, reduced, strict=True):
        assert np.array_equal(decode.decode(save(face, "GIF")), picture)
    pairs = list(zip(assessments, table.expected, strict=True))
    assert all(one.verdict in (other.verdict, "inconclusive") for one, other in pairs)
    assert np.mean([abs(one.fake_probability - other.fake_probability) for one, other in pairs]) <= MAX_MEAN_DIFFERENCE
