import inspect
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.preprocess import InputSpec
from training import augment, robustness
from training.data import Dataset
from training.prepare import Example


@pytest.fixture(scope="module")
def image() -> NDArray[np.uint8]:
    """Coloured blobs with some grain, 96 high and 128 wide."""
    rng = np.random.default_rng(1)
    blobs = Image.fromarray(rng.integers(40, 216, size=(6, 8, 3), dtype=np.uint8)).resize((128, 96))
    return np.clip(np.asarray(blobs) + rng.normal(0, 4, size=(96, 128, 3)), 0, 255).astype(np.uint8)


def test_the_grid_is_the_promised_one() -> None:
    kinds = [name.rpartition(" ")[0] for name in robustness.GRID]

    assert {"jpeg 95", "jpeg 30", "webp 50", "resize 0.75", "resize 0.5", "resize 0.375"} <= set(robustness.GRID)
    assert {"blur", "noise", "brightness", "crop", "double-jpeg", "screenshot"} <= set(kinds)
    assert len(set(robustness.COMPOUNDS)) == 40
    assert len(set(robustness.GRID)) == len(robustness.GRID)


@pytest.mark.parametrize("name", robustness.GRID)
def test_each_degradation_changes_the_image_the_same_way_again_and_enlarges_nothing(
    name: str, image: NDArray[np.uint8]
) -> None:
    changed = robustness.apply(name, image)

    assert np.array_equal(changed, robustness.apply(name, image))
    assert changed.dtype == np.uint8
    assert changed.shape[0] <= image.shape[0]
    assert changed.shape[1] <= image.shape[1]
    assert changed.shape != image.shape or not np.array_equal(changed, image)


def test_stronger_compression_blur_and_noise_are_further_off(image: NDArray[np.uint8]) -> None:
    def distance(name: str) -> float:
        return float(np.mean((robustness.apply(name, image).astype(float) - image) ** 2))

    for rising in (
        ["jpeg 95", "jpeg 70", "jpeg 30"],
        ["blur 0.5", "blur 1", "blur 3"],
        ["noise 2", "noise 5", "noise 10"],
    ):
        assert sorted(rising, key=distance) == rising


def test_noise_is_not_the_same_on_every_image(image: NDArray[np.uint8]) -> None:
    other = image.copy()
    other[0, 0] = 255 - other[0, 0]

    first, second = (robustness.apply("noise 5", one).astype(int) - one for one in (image, other))

    assert not np.array_equal(first[10:], second[10:])


def test_a_compound_is_one_chain_for_all_images_and_compounds_differ(image: NDArray[np.uint8]) -> None:
    results = {robustness.apply(name, image).tobytes() for name in robustness.COMPOUNDS}

    assert len(results) == len(robustness.COMPOUNDS)


def test_each_images_mix_follows_from_its_hash(image: NDArray[np.uint8]) -> None:
    mixes = [robustness.mix(image, f"{number:064x}") for number in range(20)]

    assert len({mixed.tobytes() for mixed in mixes}) == 20
    assert np.array_equal(robustness.mix(image, f"{0:064x}"), mixes[0])


def test_no_degradation_is_told_the_label() -> None:
    assert list(inspect.signature(robustness.apply).parameters) == ["name", "image"]
    assert list(inspect.signature(robustness.mix).parameters) == ["image", "sha256"]


def test_lanczos_is_the_evaluations_own_filter() -> None:
    assert "LANCZOS" not in Path(augment.__file__).read_text().upper().replace("LANCZOS IS KEPT OUT", "")
    assert not any("lanczos" in str(vars(augment)[name]).lower() for name in vars(augment) if name.endswith("FILTERS"))


def test_a_degraded_dataset_keeps_its_shape_and_its_own_pixels(image: NDArray[np.uint8]) -> None:
    spec = InputSpec(64)
    pixels = np.stack([image[:64, :64], image[32:, 64:]])
    examples = [make_example(f"{number:064x}") for number in range(2)]
    dataset = Dataset(examples, pixels.copy(), np.array([0, 1]))

    halved = robustness.degrade("resize 0.5", dataset, spec)

    assert halved.shape == pixels.shape
    assert not np.array_equal(halved, pixels)
    assert np.array_equal(dataset.pixels, pixels)
    assert robustness.degrade(robustness.CLEAN, dataset, spec) is dataset.pixels


def make_example(sha256: str) -> Example:
    return Example(
        sha256=sha256,
        phash="",
        label="real",
        source="",
        generator="",
        group=sha256,
        split="test",
        width=64,
        height=64,
        format="PNG",
        jpeg_quality=0,
        path="",
    )
