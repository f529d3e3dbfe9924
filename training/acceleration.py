"""The same network, made to train in less than half the time on a CPU: its weights fit the one it was made of."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from training.recipe import Recipe

# bfloat16 halves the pointwise convolutions, where most of the work is, but TensorFlow's backward pass of a strided
# depthwise convolution takes five times as long in it (32 images of 128 x 128 x 64 on two cores with AVX-512: 112 ms
# for 17 ms in float32). All together 32 images take 0.9 s in place of 2.1 s. Where the processor has no instructions
# for it, it is emulated: 32 images of 160 x 160 take 1.7 s for 0.5 s in float32 and 1.0 s in Keras' own layers.
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def _has_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16; a backend with a device of its own always may."""
    if keras.config.backend() != "tensorflow":
        return True
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").split())
    except OSError:
        return False
    return bool(flags & _BFLOAT16_FLAGS)


_MIXED = "mixed_bfloat16" if _has_bfloat16() else "float32"
_IN_HALF = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
    keras.layers.ReLU,
    keras.layers.Activation,
    keras.layers.MaxPooling2D,
    keras.layers.Add,
)
_PADS_AS_SAME = ((0, 1), (0, 1))  # before a 3 x 3 convolution of stride 2, on an even side


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types
    """Batch normalisation by TensorFlow's one fused operation; Keras takes it apart, which costs a third of a step."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        # On any other backend Keras' own way does; none of them is in use where this class is not needed.
        import tensorflow as tf  # noqa: PLC0415

        learns = bool(training and self.trainable)
        # The statistics of a batch are taken in float32 whatever the pixels are in, hence no autocast.
        gamma, beta, mean, variance = (
            tf.convert_to_tensor(variable._value)
            for variable in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        empty = tf.zeros(0)
        outputs, batch_mean, batch_variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=gamma,
            offset=beta,
            mean=empty if learns else mean,
            variance=empty if learns else variance,
            epsilon=self.epsilon,
            is_training=learns,
        )
        if learns:
            self.moving_mean.assign(mean * self.momentum + batch_mean * (1 - self.momentum))
            self.moving_variance.assign(variance * self.momentum + batch_variance * (1 - self.momentum))
        return outputs


class ShiftedDepthwise(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    """A depthwise convolution without bias as a sum of shifted images: XLA makes one kernel of it, and of its gradient,
    where cuDNN has no quick one. With padding its stride is 1, as MobileNet's are."""

    def call(self, inputs: Any) -> Any:
        kernel = keras.ops.cast(self.kernel, self.compute_dtype)
        rows, columns = self.kernel_size
        stride = self.strides[0]
        if self.padding == "same":
            inputs = keras.ops.pad(inputs, ((0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2), (0, 0)))
        bottom, right = inputs.shape[1] - rows + 1, inputs.shape[2] - columns + 1
        return sum(
            inputs[:, row : bottom + row : stride, column : right + column : stride] * kernel[row, column, :, 0]
            for row in range(rows)
            for column in range(columns)
        )


def quicken(model: keras.Model, recipe: Recipe) -> keras.Model:
    """A copy of a classifier, in mixed precision where that is quicker.

    On TensorFlow it has fused normalisation and padding done by the convolutions, on JAX depthwise convolutions taken
    apart.

    What it computes is the same up to bfloat16's eight bits; its weights have the order and shapes of the model's.
    The model itself is returned on PyTorch, and where the recipe trains a head alone.
    """
    if keras.config.backend() not in _REMAKE or not recipe.tunes_backbone:
        return model
    quick = keras.models.clone_model(model, clone_function=_REMAKE[keras.config.backend()], recursive=True)
    quick.set_weights(model.get_weights())
    return quick


def _remake_for_tensorflow(layer: keras.Layer) -> keras.Layer:
    config = layer.get_config()
    if isinstance(layer, keras.layers.ZeroPadding2D) and layer.padding == _PADS_AS_SAME:
        return keras.layers.Identity(name=layer.name)
    if isinstance(layer, keras.layers.BatchNormalization):
        return FusedBatchNormalization.from_config(config | {"dtype": _MIXED})
    if isinstance(layer, keras.layers.DepthwiseConv2D) and layer.strides != (1, 1):
        return type(layer).from_config(config | {"padding": "same"})
    return type(layer).from_config(config | ({"dtype": _MIXED} if isinstance(layer, _IN_HALF) else {}))


def _remake_for_jax(layer: keras.Layer) -> keras.Layer:
    config = layer.get_config()
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return ShiftedDepthwise.from_config(config | {"dtype": _MIXED})
    is_in_half = isinstance(layer, (*_IN_HALF, keras.layers.BatchNormalization, keras.layers.ZeroPadding2D))
    return type(layer).from_config(config | ({"dtype": _MIXED} if is_in_half else {}))


_REMAKE: Mapping[str, Callable[[keras.Layer], keras.Layer]] = {
    "tensorflow": _remake_for_tensorflow,
    "jax": _remake_for_jax,
}
