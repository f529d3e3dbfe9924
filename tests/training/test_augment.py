import inspect

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from training import augment


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, size=(64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["zoom", "trace_keeping", "roaming"])
def test_the_same_seed_gives_the_same_image_and_another_seed_another(name: str, image: NDArray[np.uint8]) -> None:
    first, again = augment.apply(name, image, (1, 2, 3)), augment.apply(name, image, (1, 2, 3))

    assert np.array_equal(first, again)
    assert len({augment.apply(name, image, (1, 2, index)).tobytes() for index in range(20)}) > 10


@pytest.mark.parametrize("name", ["zoom", "trace_keeping", "roaming"])
def test_both_classes_get_the_same_change_since_no_step_is_told_the_label(name: str, image: NDArray[np.uint8]) -> None:
    assert list(inspect.signature(augment.apply).parameters) == ["name", "image", "seed"]
    for index in range(50):
        changed = augment.apply(name, image, (index,))
        assert changed.shape == image.shape
        assert 0 <= changed.min() <= changed.max() <= 255


def test_a_zoom_of_one_changes_nothing_and_a_zoom_keeps_the_middle(image: NDArray[np.uint8]) -> None:
    class Fixed:
        def __init__(self, scales: tuple[float, float]) -> None:
            self.scales = scales

        def uniform(self, low: float, high: float, size: int) -> NDArray[np.float64]:
            assert (low, high, size) == (0.8, 1.2, 2)
            return np.array(self.scales)

    ramp = np.tile(np.arange(65, dtype=np.uint8)[None, :, None], (65, 1, 3))

    assert np.allclose(augment.zoom(image, Fixed((1.0, 1.0))), image)  # type: ignore[arg-type]
    zoomed = augment.zoom(ramp, Fixed((1.0, 0.8)))  # type: ignore[arg-type]
    # A source step of 0.8 about the middle column, as ImageDataGenerator's zoom_range has it.
    assert zoomed[32, 42, 0] == pytest.approx(32 + 0.8 * 10, abs=0.05)


def test_a_zoom_out_repeats_the_edge(image: NDArray[np.uint8]) -> None:
    zoomed = [augment.apply("zoom", np.full_like(image, 200), (index,)) for index in range(10)]

    assert all(np.allclose(one, 200) for one in zoomed)


def test_degrading_changes_nearly_every_image_and_keeps_its_size(image: NDArray[np.uint8]) -> None:
    degraded = [augment.degrade(image, np.random.default_rng(seed)) for seed in range(100)]

    assert list(inspect.signature(augment.degrade).parameters) == ["image", "rng"]
    assert all(one.shape == image.shape and one.dtype == np.uint8 for one in degraded)
    assert len({one.tobytes() for one in degraded} - {image.tobytes()}) > 95


def test_no_change_touches_the_image_it_was_given(image: NDArray[np.uint8]) -> None:
    before = image.copy()

    for seed in range(60):
        augment.roam(image, np.random.default_rng(seed))

    assert np.array_equal(image, before)


def test_training_resizes_by_every_filter_but_lanczos(
    image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanczos is how the evaluation proves that no filter of the training is mistaken for a trace."""
    pillow_used: set[int | None] = set()
    opencv_used: set[int] = set()
    opencv_enlarged: set[int] = set()
    pillow, opencv = Image.Image.resize, cv2.resize

    def resize_by_pillow(image: Image.Image, size: tuple[int, int], resample: int | None = None) -> Image.Image:
        pillow_used.add(resample)
        return pillow(image, size, resample)

    def resize_by_opencv(
        image: NDArray[np.uint8], size: tuple[int, int], *, interpolation: int = cv2.INTER_LINEAR
    ) -> object:
        (opencv_enlarged if size[0] > image.shape[1] else opencv_used).add(interpolation)
        return opencv(image, size, interpolation=interpolation)

    monkeypatch.setattr(Image.Image, "resize", resize_by_pillow)
    monkeypatch.setattr(cv2, "resize", resize_by_opencv)
    for seed in range(300):
        for name in ("trace_keeping", "roaming"):
            augment.apply(name, image, (seed,))
        augment.degrade(image, np.random.default_rng(seed))

    smooth = Image.Resampling
    assert pillow_used == {smooth.BOX, smooth.BILINEAR, smooth.HAMMING, smooth.BICUBIC}
    assert opencv_used == {cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA}
    assert opencv_enlarged == {cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA}


@pytest.mark.parametrize("size", [30, 64, 100])
def test_a_resized_image_has_the_size_asked_for(size: int, image: NDArray[np.uint8]) -> None:
    resized = [augment._resize(image, size, np.random.default_rng(seed)) for seed in range(60)]

    assert {one.shape for one in resized} == {(size, size, 3)}
    # A box and the nearest pixel only reduce.
    assert len({one.tobytes() for one in resized}) >= {30: 7, 64: 1, 100: 6}[size]


def test_reducing_aliases_now_and_then_as_apps_do(image: NDArray[np.uint8]) -> None:
    reduced = [augment._resize(image, 30, np.random.default_rng(seed)) for seed in range(60)]

    colours = {pixel.tobytes() for pixel in image.reshape(-1, 3)}
    picked = [all(pixel.tobytes() in colours for pixel in one.reshape(-1, 3)) for one in reduced]
    assert 0 < sum(picked) < 30
