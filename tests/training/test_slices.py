from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.test_robustness import make_example
from training import slices

EXAMPLE = make_example("0" * 64)


def paint(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((256, 256, 3), (red, green, blue), dtype=np.uint8)


def traits(image: NDArray[np.uint8], jpeg_quality: int = 0) -> dict[str, str]:
    return dict(slices.describe(image, replace(EXAMPLE, jpeg_quality=jpeg_quality)))


@pytest.mark.parametrize(("level", "name"), [(20, "dark"), (110, "middling"), (200, "bright")])
def test_brightness_is_told_by_the_mean(level: int, name: str) -> None:
    assert traits(paint(level, level, level))["brightness"] == name


def test_a_blurred_image_is_soft_and_a_noisy_one_sharp() -> None:
    noise = np.random.default_rng(1).integers(0, 256, size=(256, 256, 3), dtype=np.uint8)

    assert traits(noise)["sharpness"] == "sharp"
    assert traits(np.asarray(cv2.GaussianBlur(noise, (0, 0), 5), dtype=np.uint8))["sharpness"] == "soft"


@pytest.mark.parametrize(
    ("quality", "name"), [(0, "none found"), (35, "under 40"), (75, "70 to 89"), (90, "90 and more")]
)
def test_quality_is_the_manifests(quality: int, name: str) -> None:
    assert traits(paint(9, 9, 9), quality)["JPEG quality"] == name


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((238, 205, 180), "light"),
        ((198, 150, 120), "intermediate"),
        ((178, 134, 100), "tan"),
        ((90, 58, 40), "dark"),
        ((120, 120, 120), "none found"),
    ],
)
def test_skin_tone_follows_the_typology_angle_and_grey_images_have_none(
    colour: tuple[int, int, int], name: str
) -> None:
    assert traits(paint(*colour))["skin tone"] == name


def test_the_skin_tones_caveat_is_a_caveat() -> None:
    assert "proxy" in slices.CAVEAT


def test_an_image_without_a_face_is_in_a_slice_of_its_own() -> None:
    assert traits(paint(120, 130, 110))["face width"] == "none found"
