import numpy as np
from PIL import Image

from detector.preprocess import InputSpec, fit


def test_an_image_of_the_right_size_is_left_alone() -> None:
    image = np.random.default_rng(0).integers(0, 256, size=(256, 256, 3), dtype=np.uint8)

    assert fit(image, InputSpec(256)) is image


def test_any_shape_is_stretched_to_the_square() -> None:
    for shape in ((1, 1, 3), (1000, 10, 3), (33, 257, 3)):
        fitted = fit(np.full(shape, 77, dtype=np.uint8), InputSpec(64))
        assert fitted.shape == (64, 64, 3)
        assert fitted.dtype == np.uint8
        assert (fitted == 77).all()


def test_a_reduction_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((512, 512, 3), dtype=np.uint8)
    stripes[:, ::2] = 255

    middle = fit(stripes, InputSpec(64))[8:-8, 8:-8]

    assert np.abs(middle.astype(int) - 127).max() <= 2


def test_the_resampling_is_pillows_bilinear() -> None:
    image = np.random.default_rng(1).integers(0, 256, size=(100, 150, 3), dtype=np.uint8)

    expected = np.asarray(Image.fromarray(image).resize((64, 64), Image.Resampling.BILINEAR))

    assert np.array_equal(fit(image, InputSpec(64)), expected)


def test_a_large_image_is_halved_before_and_keeps_its_pixels_within_some_levels() -> None:
    noise = np.random.default_rng(2).integers(0, 256, size=(120, 160, 3), dtype=np.uint8)
    image = np.asarray(Image.fromarray(noise).resize((1280, 961), Image.Resampling.BICUBIC))

    expected = np.asarray(Image.fromarray(image).resize((96, 96), Image.Resampling.BILINEAR))

    difference = np.abs(fit(image, InputSpec(96)).astype(int) - expected)
    assert difference.mean() < 1.5
    assert difference.max() <= 6
