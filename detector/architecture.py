"""The networks as Keras layers, for training, export and the Keras engine; imports TensorFlow."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras

from detector.card import Network, Scaling

# The first layer then sees every pixel (Gragnaniello et al., arXiv 2104.02617, halve nowhere early). Halved by the next
# layer in its place, shapes from there on are MobileNet's, for 8 % more work; halved nowhere, all of it is four times
# as much. The ImageNet weights fit either.
_LATE_STRIDE = {"conv1": (1, 1), "conv_dw_1": (2, 2)}
_STRIDE_1 = {"conv1": (1, 1)}


def _build_with_strides(strides: Mapping[str, tuple[int, int]], **options: Any) -> keras.Model:
    """MobileNet with other strides at the layers named."""
    usual = keras.applications.MobileNet(**options)
    config = usual.get_config()
    for layer in config["layers"]:
        if layer["name"] in strides:
            layer["config"]["strides"] = strides[layer["name"]]
    other = keras.Model.from_config(config)
    other.set_weights(usual.get_weights())
    return other


_PRUNED = re.compile(r"conv_(pad|dw|pw)_(9|10|11)(_|$)")


def _build_shallow(**options: Any) -> keras.Model:
    """MobileNet without three of its five equal blocks of 512 channels: a quarter less work, a third fewer weights."""
    usual = keras.applications.MobileNet(**options)
    features = usual.input
    for layer in usual.layers[1:]:
        if not _PRUNED.match(layer.name):
            features = layer(features)
    return keras.Model(usual.input, features, name="mobilenet_shallow")


_NETWORKS: dict[Network, Callable[..., keras.Model]] = {
    "mobilenet": keras.applications.MobileNet,  # Howard et al., arXiv 1704.04861
    "mobilenet_late_stride": partial(_build_with_strides, _LATE_STRIDE),
    "mobilenet_stride_1": partial(_build_with_strides, _STRIDE_1),
    "mobilenet_shallow": _build_shallow,
    "resnet50": keras.applications.ResNet50,  # He et al., arXiv 1512.03385
    "xception": keras.applications.Xception,  # Chollet, arXiv 1610.02357
}


def build_backbone(
    *,
    input_size: int | None,
    scaling: Scaling,
    network: Network = "mobilenet",
    frozen: bool = False,
    weights: Path | None = None,
) -> keras.Model:
    """A network from pixels (n, size, size, 3) 0-255 RGB to its last feature map (n, size/32, size/32, channels),
    twice as high and wide without the stem's stride.

    `unit` scales to [0, 1] as the paper does, `signed` to [-1, 1] as MobileNet's and Xception's ImageNet weights
    expect. `frozen` also keeps the batch-norm statistics of the weights. Without `input_size` it takes squares of any
    side that 32 divides.
    """
    pixels = keras.Input((input_size, input_size, 3), dtype="float32", name="pixels")
    rescaling = {
        "unit": keras.layers.Rescaling(1 / 255),
        "signed": keras.layers.Rescaling(1 / 127.5, offset=-1.0),
    }
    body = _NETWORKS[network](
        include_top=False, weights=None if weights is None else str(weights), input_shape=(input_size, input_size, 3)
    )
    body.trainable = not frozen
    scaled = rescaling[scaling](pixels)
    features = body(scaled, training=False) if frozen else body(scaled)
    return keras.Model(pixels, features, name="backbone")
