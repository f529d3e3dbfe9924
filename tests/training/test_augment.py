import inspect

import numpy as np
import pytest
from numpy.typing import NDArray

from training import augment


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, size=(64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["zoom", "trace_keeping"])
def test_the_same_seed_gives_the_same_image_and_another_seed_another(name: str, image: NDArray[np.uint8]) -> None:
    first, again = augment.apply(name, image, (1, 2, 3)), augment.apply(name, image, (1, 2, 3))

    assert np.array_equal(first, again)
    assert len({augment.apply(name, image, (1, 2, index)).tobytes() for index in range(20)}) > 10


@pytest.mark.parametrize("name", ["zoom", "trace_keeping"])
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


def test_mixed_targets_are_the_shares_of_the_area() -> None:
    targets = np.array([[0.0], [1.0]] * 8, dtype=np.float32)
    images = np.broadcast_to(targets[:, :, None, None], (16, 64, 64, 3)).astype(np.float32)

    mixed, mixed_targets = augment.mix_patches(images, targets, (5,))

    assert np.allclose(mixed.mean(axis=(1, 2, 3)), mixed_targets[:, 0], atol=1e-6)
    assert 0 < np.sum((mixed_targets > 0) & (mixed_targets < 1)) < 16
