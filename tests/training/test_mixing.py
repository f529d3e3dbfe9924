import numpy as np
import pytest

from training import mixing


@pytest.mark.parametrize(("name", "mixed_share"), [("none", 0.0), ("rectangles", 0.5), ("mosaics", 0.75)])
def test_mixed_targets_are_the_shares_of_the_area(name: str, mixed_share: float) -> None:
    targets = np.array([[0.0], [1.0]] * 64, dtype=np.float32)
    images = np.broadcast_to(targets[:, :, None, None], (128, 64, 64, 3)).astype(np.float32)

    mixed, mixed_targets = mixing.mix(name, images, targets, (5,))

    assert np.allclose(mixed.mean(axis=(1, 2, 3)), mixed_targets[:, 0], atol=1e-6)
    # Half of the partners are of the other class, and a mosaic has three.
    assert 0.4 * mixed_share <= np.mean((mixed_targets > 0) & (mixed_targets < 1)) <= mixed_share


def test_a_mosaic_is_laid_of_cells_of_its_images() -> None:
    images = np.random.default_rng(3).integers(0, 256, size=(8, 64, 64, 3)).astype(np.float32)
    cells = {
        image[row : row + 8, column : column + 8].tobytes()
        for image in images
        for row in range(0, 64, 8)
        for column in range(0, 64, 8)
    }

    mixed, _ = mixing.mix("mosaics", images, np.zeros((8, 1), dtype=np.float32), (1,))

    assert sum(not np.array_equal(a, b) for a, b in zip(mixed, images, strict=True)) > 2
    for image in mixed:
        assert {image[:8, :8].tobytes(), image[56:, 56:].tobytes()} <= cells


def test_a_pairs_share_is_that_of_what_was_changed_and_not_of_the_area() -> None:
    real = np.full((64, 64, 3), 100, dtype=np.uint8)
    fake = real.copy()
    fake[24:40, 24:40] = 180

    mixes = [mixing.mix_pair(real, fake, np.random.default_rng(seed)) for seed in range(60)]

    for mixed, share in mixes:
        assert share == pytest.approx(np.sum(mixed == 180) / np.sum(fake == 180))
    assert 20 < sum(share == 1 and np.array_equal(mixed, fake) for mixed, share in mixes) < 50
    assert any(0 < share < 1 for _, share in mixes)


def test_a_pair_of_equal_images_has_nothing_of_the_fake() -> None:
    image = np.full((64, 64, 3), 100, dtype=np.uint8)

    assert {mixing.mix_pair(image, image, np.random.default_rng(seed))[1] for seed in range(20)} == {0.0, 1.0}
