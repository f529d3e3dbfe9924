"""TAEF2, the tiny autoencoder for FLUX.2's latent space, in Keras: reconstructs a photograph as a diffusion
model's decoder would draw it.

Architecture: madebyollin/taesd (MIT). The weights are 158 float16 arrays named `encoder.I...` and `decoder.I...`,
where I counts the layers below from 0; kernels are stored (out, in, height, width).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

_WIDTH, _LATENT, _GROUPS = 64, 32, 4
# One entry for each numbered module of the original, so that an index is its place in the list.
_ENCODER = ("conv", "block", *("down", "block", "block", "block") * 2, "down", *("pooled",) * 3, "conv")
_DECODER = (
    *("clamp", "conv", "relu", *("pooled",) * 3),
    *("up", "plain", "block", "block", "block") * 2,
    *("up", "plain", "block", "conv"),
)

Pixels = NDArray[np.uint8]
Arrays = Mapping[str, NDArray[np.float16]]


def load_taef2(path: Path) -> keras.Model:
    """The autoencoder: RGB (n, height, width, 3) in [0, 1], sides divisible by 8, to the same before clipping, and to
    its latent (n, height/8, width/8, 32).

    Raises OSError where there is no such file, and KeyError where an array is missing in it.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    pixels = keras.Input((None, None, 3), name="pixels")
    latent = _apply(pixels, _ENCODER, "encoder", arrays, _LATENT)
    return keras.Model(pixels, [_apply(latent, _DECODER, "decoder", arrays, 3), latent], name="taef2")


def open_remake(path: Path) -> Callable[[list[Pixels], np.random.Generator], list[Pixels]]:
    """A function from views uint8 (n, n, 3) of one shape to their reconstructions."""
    model = load_taef2(path)

    def remake(views: list[Pixels], _: np.random.Generator) -> list[Pixels]:
        output, _latent = model.predict_on_batch(np.stack(views).astype(np.float32) / 255)
        return list(np.clip(np.rint(255 * output), 0, 255).astype(np.uint8))

    return remake


def _apply(
    tensor: keras.KerasTensor, modules: tuple[str, ...], part: str, arrays: Arrays, channels: int
) -> keras.KerasTensor:
    """Run a tensor through the encoder or the decoder; the last convolution has `channels` outputs."""
    for index, module in enumerate(modules):
        name = f"{part}.{index}"
        if module == "clamp":
            tensor = 3 * ops.tanh(tensor / 3)
        elif module == "relu":
            tensor = ops.relu(tensor)
        elif module == "up":
            tensor = keras.layers.UpSampling2D(2)(tensor)
        elif module in ("block", "pooled"):
            tensor = _apply_block(tensor, name, arrays, is_pooled=module == "pooled")
        else:
            width = channels if index == len(modules) - 1 else _WIDTH
            tensor = _convolve(tensor, name, arrays, width, strides=2 if module == "down" else 1)
    return tensor


def _apply_block(tensor: keras.KerasTensor, name: str, arrays: Arrays, *, is_pooled: bool) -> keras.KerasTensor:
    if is_pooled:
        inner = _convolve(tensor, f"{name}.pool.0", arrays, _GROUPS * _WIDTH, size=1)
        normalise = keras.layers.GroupNormalization(_GROUPS, epsilon=1e-5)
        inner = normalise(inner)
        normalise.set_weights([arrays[f"{name}.pool.1.{kind}"].astype(np.float32) for kind in ("weight", "bias")])
        tensor = tensor + _convolve(ops.relu(inner), f"{name}.pool.3", arrays, _WIDTH, size=1)
    inner = tensor
    for place in (0, 2, 4):
        inner = _convolve(inner, f"{name}.conv.{place}", arrays, _WIDTH)
        inner = ops.relu(inner) if place < 4 else inner
    return ops.relu(inner + tensor)


def _convolve(
    tensor: keras.KerasTensor, name: str, arrays: Arrays, width: int, *, size: int = 3, strides: int = 1
) -> keras.KerasTensor:
    """A convolution with the padding of 1 that PyTorch has: Keras' `same` pads a stride of 2 on the other side."""
    bias = arrays.get(f"{name}.bias")
    if strides == 2:
        tensor = keras.layers.ZeroPadding2D(1)(tensor)
    layer = keras.layers.Conv2D(
        width, size, strides=strides, padding="valid" if strides == 2 else "same", use_bias=bias is not None
    )
    tensor = layer(tensor)
    weights = [arrays[f"{name}.weight"].astype(np.float32).transpose(2, 3, 1, 0)]
    layer.set_weights(weights if bias is None else [*weights, bias.astype(np.float32)])
    return tensor
