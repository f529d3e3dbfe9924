import numpy as np
import pytest
from numpy.typing import NDArray

from training import profiles


def draw(n: int, seed: int) -> NDArray[np.float32]:
    """Features of 40 channels that vary in 5 directions."""
    directions = np.random.default_rng(0).normal(size=(5, 40))
    rng = np.random.default_rng(seed)
    return (3 + rng.normal(size=(n, 5)) @ directions + rng.normal(0, 0.01, (n, 40))).astype(np.float32)


def test_one_in_a_hundred_familiar_images_is_unfamiliar_and_strange_ones_are() -> None:
    yardstick = profiles.fit_novelty(draw(2000, 1), draw(1000, 2))

    assert np.mean(yardstick.measure(draw(5000, 3)) > yardstick.limit) == pytest.approx(0.01, abs=0.007)
    assert np.median(yardstick.measure(draw(5000, 3))) == pytest.approx(1, abs=0.15)
    assert np.mean(yardstick.measure(draw(1000, 4) * 3) > yardstick.limit) > 0.5


def test_only_directions_in_which_features_vary_are_kept() -> None:
    components = profiles.fit_novelty(draw(2000, 1), draw(1000, 2)).components

    assert 3 <= len(components) <= 5
    assert components @ components.T == pytest.approx(np.eye(len(components)), abs=1e-4)


@pytest.mark.parametrize("value", [0, 1])
def test_features_that_never_vary_are_all_familiar(value: float) -> None:
    constant = np.full((50, 8), value, dtype=np.float32)

    yardstick = profiles.fit_novelty(constant, constant)

    assert not np.any(yardstick.measure(constant) / yardstick.limit > 1)
    assert yardstick.limit > 0  # it is divided by
