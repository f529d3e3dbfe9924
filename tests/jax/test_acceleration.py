from dataclasses import replace

import keras
import numpy as np
import pytest

from training import acceleration, network, recipe


@pytest.mark.parametrize(("padding", "stride"), [("same", 1), ("valid", 1), ("valid", 2)])
def test_a_depthwise_convolution_taken_apart_is_the_same(padding: str, stride: int) -> None:
    options = {"kernel_size": 3, "padding": padding, "strides": stride, "use_bias": False}
    pixels = np.random.default_rng(1).normal(size=(2, 17, 16, 5)).astype(np.float32)
    usual, quick = keras.layers.DepthwiseConv2D(**options), acceleration.ShiftedDepthwise(**options)
    expected = np.asarray(usual(pixels))
    quick.build(pixels.shape)
    quick.set_weights(usual.get_weights())

    found = np.asarray(quick(pixels))

    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5


def test_the_quick_network_computes_what_the_usual_one_does() -> None:
    small = replace(recipe.find("best"), input_size=64)
    usual = network.build(small, None)[1]
    quick = acceleration.quicken(usual, small)
    pixels = np.random.default_rng(2).integers(0, 256, size=(8, 64, 64, 3)).astype(np.float32)

    expected, found = (
        np.asarray(keras.Model(model.input, model.get_layer("gap").output)(pixels), dtype=np.float32)
        for model in (usual, quick)
    )

    assert any(isinstance(layer, acceleration.ShiftedDepthwise) for layer in network.find_body(quick).layers)
    assert np.linalg.norm(found - expected) < 0.05 * np.linalg.norm(expected)
