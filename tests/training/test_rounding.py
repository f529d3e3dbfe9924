import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training import network, recipe, rounding


def error(weights: NDArray[np.float64], rounded: NDArray[np.float64], moments: NDArray[np.float64]) -> float:
    lost = rounded - weights
    return float(np.einsum("mk,kl,ml->", lost, moments, lost))


@given(seed=st.integers(0, 10_000), alike=st.floats(0, 0.99))
def test_chosen_values_change_the_output_no_more_than_the_nearest_and_lie_on_the_grid(seed: int, alike: float) -> None:
    random = np.random.default_rng(seed)
    weights = random.normal(size=(6, 9))
    covariances = np.full((9, 9), alike) + (1 - alike) * np.eye(9)
    steps = np.abs(weights).max(axis=1, keepdims=True) / 127

    rounded = rounding.choose(weights, steps, covariances)

    nearest = np.round(weights / steps) * steps
    assert error(weights, rounded, covariances) <= error(weights, nearest, covariances) + 1e-12
    assert np.allclose(rounded / steps, np.round(rounded / steps), atol=1e-6)
    assert np.allclose(np.abs(rounded).max(axis=1), np.abs(weights).max(axis=1))


def test_a_filter_blind_to_plain_surfaces_stays_so() -> None:
    random = np.random.default_rng(3)
    weights = random.normal(size=(32, 9))
    weights -= weights.mean(axis=1, keepdims=True)
    steps = np.abs(weights).max(axis=1, keepdims=True) / 127
    plain = np.full((9, 9), 1.0) + 0.001 * np.eye(9)

    rounded = rounding.choose(weights, steps, plain)

    nearest = np.round(weights / steps) * steps
    assert np.abs(rounded.sum(axis=1)).mean() < 0.2 * np.abs(nearest.sum(axis=1)).mean()


def test_each_output_may_have_inputs_of_its_own() -> None:
    random = np.random.default_rng(4)
    weights = random.normal(size=(3, 9))
    steps = np.abs(weights).max(axis=1, keepdims=True) / 127
    roots = random.normal(size=(3, 9, 9))
    own = roots @ roots.transpose(0, 2, 1)

    together = rounding.choose(weights, steps, own)

    apart = [rounding.choose(weights[[i]], steps[[i]], own[i])[0] for i in range(3)]
    assert np.allclose(together, apart)


@pytest.mark.parametrize("name", ["best", "resnet50"])
def test_a_rounded_backbone_answers_as_before(name: str) -> None:
    backbone, _ = network.build(recipe.find(name), None)
    pixels = np.random.default_rng(5).integers(0, 256, size=(48, 256, 256, 3), dtype=np.uint8)
    before = np.asarray(backbone(pixels[:2].astype(np.float32), training=False))

    rounding.round_kernels(backbone, pixels)

    after = np.asarray(backbone(pixels[:2].astype(np.float32), training=False))
    assert not np.array_equal(before, after)
    assert np.abs(after - before).mean() < 0.02 * np.abs(before).mean()
    steps = _measure_in_steps(backbone)
    assert np.abs(steps - np.round(steps)).max() < 0.1


def _measure_in_steps(backbone: keras.Model) -> NDArray[np.float32]:
    """One output channel's kernel of a 1 x 1 convolution with a batch norm, in parts of its largest weight's 127th."""
    norms = [
        layer for layer in network.find_body(backbone).layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    layers = [norm.input._keras_history.operation for norm in norms]
    layer = [one for one in layers if one.kernel.shape[:2] == (1, 1)][-1]
    column = layer.kernel.numpy()[0, 0, :, 0]
    return np.asarray(column / np.abs(column).max() * 127)
