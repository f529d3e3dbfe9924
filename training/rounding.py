"""Kernels take the values that int8 can hold, chosen so that a layer's output stays, not each of its weights.

Eight bits have 255 values for the kernel of an output channel. The nearest are a poor choice where a filter that should
answer nothing to a plain surface, a depthwise one above all, is left with a sum: its error then follows the
brightness. On validation images of `best`, nearest values moved the logits by 0.33 (standard deviation), these by 0.05.
"""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from training import network

Pair = tuple[keras.layers.Layer, keras.layers.BatchNormalization]

_LIMIT = 127
_IMAGES = 48
_BATCH = 8
_WINDOWS = 120  # of each image and layer, to learn what the weights are multiplied by
_SWEEPS = 4
# Of the mean variance: inputs that always move together would else trade large errors.
_RIDGE = 1e-3


def round_kernels(backbone: keras.Model, images: NDArray[np.uint8]) -> None:
    """Round every depthwise and 1 x 1 kernel that a batch norm follows, in place; images (n, size, size, 3).

    Of what is left, and of the quotients by the norms, 11 bits are kept, so that the files pack to half.
    """
    norms = [
        layer for layer in network.find_body(backbone).layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    pairs = [(norm.input._keras_history.operation, norm) for norm in norms]
    pairs = [(layer, norm) for layer, norm in pairs if _is_depthwise(layer) or _is_pointwise(layer)]
    for (layer, norm), windows in zip(pairs, _sample_inputs(backbone, pairs, images), strict=True):
        _round_layer(layer, norm, windows.astype(np.float64))
    for variable in backbone.variables:
        if len(variable.shape) > 1:
            variable.assign(variable.numpy().astype(np.float16).astype(np.float32))


def choose(
    weights: NDArray[np.float64], steps: NDArray[np.float64], covariances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiples of `steps` (m, 1) near `weights` (m, k) that change the m outputs least, up to a constant.

    `covariances` of the k inputs are (k, k), or (m, k, k) where each output has its own. Coordinate descent from the
    nearest values on the squared error of each output, which no step makes worse (the objective of Nagel et al., Up or
    Down?, arXiv 2004.10568). An output's largest weight stays: the converter takes the step from it.
    """
    whole = np.clip(np.round(weights / steps), -_LIMIT, _LIMIT)
    is_free = np.abs(whole) < _LIMIT
    error = whole * steps - weights
    for _ in range(_SWEEPS):
        for place in range(weights.shape[1]):
            own = np.maximum(covariances[..., place, place], 1e-12)
            rest = (error * covariances[..., place]).sum(axis=1) / own - error[:, place]
            wanted = np.clip(np.round((weights[:, place] - rest) / steps[:, 0]), 1 - _LIMIT, _LIMIT - 1)
            whole[:, place] = np.where(is_free[:, place], wanted, whole[:, place])
            error[:, place] = whole[:, place] * steps[:, 0] - weights[:, place]
    return whole * steps


def _is_depthwise(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.DepthwiseConv2D) and layer.depth_multiplier == 1


def _is_pointwise(layer: keras.layers.Layer) -> bool:
    return type(layer) is keras.layers.Conv2D and layer.kernel_size == (1, 1)


def _sample_inputs(
    backbone: keras.Model, pairs: Sequence[Pair], images: NDArray[np.uint8]
) -> list[NDArray[np.float32]]:
    """Random windows (n, positions, channels) of what goes into each layer."""
    random = np.random.default_rng(0)
    body, rescaling = network.find_body(backbone), backbone.layers[1]
    probe = keras.Model(body.input, [layer.input for layer, _ in pairs])
    chosen = images[np.linspace(0, len(images) - 1, _IMAGES).astype(int)]
    sampled: list[list[NDArray[np.float32]]] = [[] for _ in pairs]
    for first in range(0, _IMAGES, _BATCH):
        inputs = probe(rescaling(chosen[first : first + _BATCH].astype(np.float32)), training=False)
        for kept, (layer, _), maps in zip(sampled, pairs, inputs, strict=True):
            edge = layer.kernel_size[0] // 2 if layer.padding == "same" else 0
            padded = np.pad(np.asarray(maps), [(0, 0), (edge, edge), (edge, edge), (0, 0)])
            kept.append(_cut_windows(padded, layer.kernel_size[0], random))
    return [np.concatenate(windows) for windows in sampled]


def _cut_windows(maps: NDArray[np.float32], side: int, random: np.random.Generator) -> NDArray[np.float32]:
    windows = np.lib.stride_tricks.sliding_window_view(maps, (side, side), axis=(1, 2))
    count, height, width, channels = windows.shape[:4]
    n = count * _WINDOWS
    picked = windows[random.integers(count, size=n), random.integers(height, size=n), random.integers(width, size=n)]
    positions: NDArray[np.float32] = picked.reshape(n, channels, side * side).transpose(0, 2, 1)
    return positions


def _round_layer(layer: keras.layers.Layer, norm: keras.layers.Layer, windows: NDArray[np.float64]) -> None:
    """The converter folds the norm into the kernel, so their product is rounded; the norm takes what is constant."""
    kernel = layer.kernel.numpy().astype(np.float64)
    factors = (norm.gamma / keras.ops.sqrt(norm.moving_variance + norm.epsilon)).numpy().astype(np.float64)
    if _is_depthwise(layer):
        inputs = windows.transpose(2, 0, 1)  # each channel its own: (channels, n, positions)
        weights = kernel.reshape(-1, kernel.shape[2]).T
    else:
        inputs = windows[:, 0]
        weights = kernel[0, 0].T
    means = inputs.mean(axis=-2)
    centred = inputs - means[..., None, :]
    covariances = centred.swapaxes(-1, -2) @ centred / centred.shape[-2]
    ridge = _RIDGE * np.trace(covariances, axis1=-2, axis2=-1) / covariances.shape[-1]
    folded = weights * factors[:, None]
    steps = np.maximum(np.abs(folded).max(axis=1, keepdims=True) / _LIMIT, np.finfo(np.float32).tiny)
    rounded = choose(folded, steps, covariances + ridge[..., None, None] * np.eye(covariances.shape[-1]))
    moved = ((rounded - folded) * means).sum(axis=1)
    unfolded = np.divide(rounded, factors[:, None], out=weights.copy(), where=factors[:, None] != 0)
    layer.kernel.assign(unfolded.T.reshape(kernel.shape))
    norm.beta.assign_sub(moved)
