"""Features beside the network's own, for the ablation: where a generator's traces are said to lie, looked at apart.

The head is one linear layer over both, so the branch's logit is added to the network's.
"""

from collections.abc import Callable, Mapping

import keras
import numpy as np
from scipy.fft import dct

from training import network
from training.recipe import Recipe

_BLOCK = 8
_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601


class NeighbourResidual(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Each pixel less the first of its cell of 2 x 2, in [-2, 2]: what up-sampling leaves between neighbours
    (Tan et al., arXiv 2312.10461)."""

    def call(self, pixels: keras.KerasTensor) -> keras.KerasTensor:
        first = pixels[:, ::2, ::2]
        return (pixels - keras.ops.repeat(keras.ops.repeat(first, 2, axis=1), 2, axis=2)) / 127.5


class BlockSpectrum(keras.layers.Layer):  # type: ignore[misc]
    """Mean and deviation of log(1 + |c|) for each of the 64 DCT coefficients of an image's grey blocks: (n, 128)
    (cf. Frank et al., arXiv 2003.08685)."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        waves = dct(np.eye(_BLOCK), norm="ortho", axis=0)  # (frequency, place)
        # (place, place, colour, frequency): a convolution by blocks.
        kernel = np.einsum("iy,jx,c->yxcij", waves, waves, _GREY).reshape(_BLOCK, _BLOCK, 3, _BLOCK**2)
        self.kernel = kernel.astype(np.float32)

    def call(self, pixels: keras.KerasTensor) -> keras.KerasTensor:
        coefficients = keras.ops.conv(pixels, self.kernel, strides=_BLOCK)
        strengths = keras.ops.log1p(keras.ops.abs(coefficients))
        mean = keras.ops.mean(strengths, axis=(1, 2))
        return keras.ops.concatenate([mean, keras.ops.std(strengths, axis=(1, 2))], axis=-1)


def add(name: str, recipe: Recipe, model: keras.Model) -> keras.Model:
    """A classifier with the branch of BRANCHES beside its network, and a new head over both."""
    momentum = recipe.batch_norm_momentum
    features = BRANCHES[name](model.input, momentum)
    both = keras.layers.Concatenate()([model.get_layer("gap").output, features])
    return keras.Model(model.input, network.add_head(recipe, both), name="classifier")


def _build_residual(pixels: keras.KerasTensor, momentum: float) -> keras.KerasTensor:
    features = NeighbourResidual()(pixels)
    for filters in (32, 64, 128):
        features = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(features)
        features = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=momentum)(features))
    return keras.layers.GlobalAveragePooling2D()(features)


def _build_frequency(pixels: keras.KerasTensor, momentum: float) -> keras.KerasTensor:
    spectrum = keras.layers.LayerNormalization()(BlockSpectrum()(pixels))  # without the image's contrast
    return keras.layers.Dense(64, activation="relu")(spectrum)


BRANCHES: Mapping[str, Callable[[keras.KerasTensor, float], keras.KerasTensor]] = {
    "residual": _build_residual,
    "frequency": _build_frequency,
}
