import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from detector import decode, quality, reasons
from detector.quality import Quality
from tests.detector import pictures
from tests.detector.pictures import Picture


def measure(view: Picture) -> Quality:
    return quality.measure(view, None, 200)


def fires(view: Picture) -> bool:
    measured = measure(view)
    return measured.sharpness < reasons.MIN_SHARPNESS or measured.fine_detail < reasons.MIN_FINE_DETAIL


@pytest.mark.parametrize("saved", [5, 20, 39, 40, 50, 75, 90, 95, 100])
def test_the_quality_of_a_jpeg_is_read_from_its_table(saved: int) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(stream, "JPEG", quality=saved)

    table = decode.unpack(stream.getvalue()).luminance_table

    assert table is not None
    assert quality.estimate_jpeg_quality(table) == saved


def test_a_table_that_is_none_of_libjpegs_gets_the_nearest_quality() -> None:
    coarse, fine = tuple([60] * 64), tuple([3] * 64)

    assert quality.estimate_jpeg_quality(coarse) < 50 < 90 < quality.estimate_jpeg_quality(fine)
    assert quality.estimate_jpeg_quality(tuple([60000] * 64)) < 5


def test_other_formats_have_no_jpeg_quality() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16)).save(stream, "PNG")

    assert decode.unpack(stream.getvalue()).luminance_table is None
    assert measure(np.zeros((64, 64, 3), dtype=np.uint8)).jpeg_quality is None


def test_faces_blurred_or_enlarged_are_told_from_faces_as_they_are(shared_data: Path) -> None:
    crops = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 30)

    assert np.mean([fires(crop) for crop in crops]) < 0.1
    assert np.mean([fires(np.asarray(cv2.GaussianBlur(crop, (0, 0), 3), dtype=np.uint8)) for crop in crops]) > 0.9
    assert np.mean([fires(_enlarge(crop, 0.375)) for crop in crops]) > 0.6
    assert np.mean([fires(_enlarge(crop, 0.25)) for crop in crops]) > 0.8


@pytest.mark.parametrize(("name", "most"), [("utkface", 0.45), ("celeba-aifaces", 0.25), ("openforensics", 0.35)])
def test_soft_photographs_keep_their_verdict_mostly(shared_data: Path, name: str, most: float) -> None:
    crops = pictures.read_faces(shared_data / "faces" / name / "real", 40)

    assert np.mean([fires(crop) for crop in crops]) < most


def test_grey_images_are_told_from_pale_ones() -> None:
    noise = np.random.default_rng(0).integers(0, 256, size=(64, 64, 1), dtype=np.uint8)
    grey = np.repeat(noise, 3, axis=2)
    pale = grey.copy()
    pale[..., 0] = np.clip(pale[..., 0].astype(int) + 6, 0, 255)

    assert measure(grey).is_greyscale
    assert not measure(pale).is_greyscale


def test_grey_photographs_saved_as_colour_jpegs_are_grey(shared_data: Path) -> None:
    grey = pictures.read_faces(shared_data / "faces" / "lfw-grey" / "real", 10)
    coloured = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 10)

    assert all(measure(crop).is_greyscale for crop in grey)
    assert not any(measure(crop).is_greyscale for crop in coloured)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (7, 9), (15, 40), (33, 64)])
def test_any_size_has_a_quality(shape: tuple[int, int]) -> None:
    for value in (0, 128):
        measured = measure(np.full((*shape, 3), value, dtype=np.uint8))
        assert np.isfinite((measured.sharpness, measured.fine_detail)).all()


def _enlarge(crop: Picture, factor: float) -> Picture:
    image = Image.fromarray(crop)
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
    return np.asarray(small.resize(image.size, Image.Resampling.BICUBIC))
