import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector import evidence
from tests.detector import pictures


def save(image: Image.Image, quality: int, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, **options)
    return stream.getvalue()


def reopen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.fixture(scope="module")
def portraits(shared_data: Path) -> list[Image.Image]:
    """Scaled down, which wipes out what compression left before."""
    photographs = pictures.read_faces(shared_data / "photos" / "real", 6)
    return [Image.fromarray(one).resize((364, 364), Image.Resampling.LANCZOS) for one in photographs]


@pytest.mark.parametrize(("subsampling", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_quality_and_subsampling_are_read(subsampling: int, name: str) -> None:
    facts = evidence.jpeg(save(Image.new("RGB", (64, 64), "teal"), 63, subsampling=subsampling))

    assert facts is not None
    assert (facts.quality, facts.subsampling) == (63, name)
    assert not facts.is_double


def test_a_grey_jpeg_has_no_subsampling() -> None:
    facts = evidence.jpeg(save(Image.new("L", (64, 64), 90), 80))

    assert facts is not None
    assert facts.subsampling is None


@pytest.mark.parametrize("quality", [50, 75, 90, 95])
def test_a_photograph_saved_once_shows_no_second_compression(portraits: list[Image.Image], quality: int) -> None:
    for portrait in portraits:
        facts = evidence.jpeg(save(portrait, quality))
        assert facts is not None
        assert not facts.is_double


@pytest.mark.parametrize(("first", "second"), [(50, 75), (60, 75), (75, 90), (85, 95)])
def test_a_photograph_saved_again_at_a_higher_quality_shows_it(
    portraits: list[Image.Image], first: int, second: int
) -> None:
    for portrait in portraits:
        facts = evidence.jpeg(save(reopen(save(portrait, first)), second))
        assert facts is not None
        assert facts.is_double


def test_a_turned_photograph_is_measured_on_the_grid_it_was_stored_on(portraits: list[Image.Image]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    again = reopen(save(portraits[0], 60))

    upright, turned = evidence.jpeg(save(again, 90)), evidence.jpeg(save(again, 90, exif=exif.tobytes()))

    assert turned == upright


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_other_formats_have_no_jpeg_facts(file_format: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32)).save(stream, file_format)

    assert evidence.jpeg(stream.getvalue()) is None


def test_images_of_less_than_a_block_have_facts_too() -> None:
    noise = np.random.default_rng(0).integers(0, 256, size=(5, 7, 3), dtype=np.uint8)

    facts = evidence.jpeg(save(Image.fromarray(noise), 80))

    assert facts is not None
    assert facts.unevenness == 1.0
