"""Small auto-encoders of our own, whose last stages differ in how they enlarge.

| name | enlarges by | loss |
|---|---|---|
| transposed | transposed convolution of 4 x 4 | mean absolute error |
| nearest | nearest neighbour, convolution | the same and adversarial |
| bilinear | bilinear interpolation, convolution | mean absolute error |
| shuffle | convolution, pixel shuffle | the same and adversarial |

How a generator enlarges is what its spectrum shows (Durall et al., arXiv 2003.01826; Odena et al. 2016,
doi 10.23915/distill.00003).
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray
from tqdm import trange

Pixels = NDArray[np.uint8]

_WIDTH, _LATENT = 48, 12
_CROP, _BATCH, _STEPS, _RATE = 64, 32, 300, 1e-3
_ADVERSARIAL_WEIGHT = 0.02  # beside a mean absolute error of about 0.02


def _enlarge_transposed(tensor: keras.KerasTensor, width: int) -> keras.KerasTensor:
    return layers.Conv2DTranspose(width, 4, strides=2, padding="same")(tensor)


def _enlarge_interpolated(tensor: keras.KerasTensor, width: int, *, interpolation: str) -> keras.KerasTensor:
    return layers.Conv2D(width, 3, padding="same")(layers.UpSampling2D(2, interpolation=interpolation)(tensor))


def _enlarge_shuffled(tensor: keras.KerasTensor, width: int) -> keras.KerasTensor:
    tensor = layers.Conv2D(4 * width, 3, padding="same")(tensor)
    return _PixelShuffle()(tensor)


class _PixelShuffle(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """(n, height, width, 4 channels) to (n, 2 height, 2 width, channels) (Shi et al., arXiv 1609.05158)."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        n, height, width = ops.shape(inputs)[:3]
        channels = inputs.shape[-1] // 4
        blocks = ops.reshape(inputs, (n, height, width, 2, 2, channels))
        return ops.reshape(ops.transpose(blocks, (0, 1, 3, 2, 4, 5)), (n, 2 * height, 2 * width, channels))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        n, height, width, channels = shape
        return n, height and 2 * height, width and 2 * width, (channels or 0) // 4


_ENLARGE: dict[str, Callable[[keras.KerasTensor, int], keras.KerasTensor]] = {
    "transposed": _enlarge_transposed,
    "nearest": partial(_enlarge_interpolated, interpolation="nearest"),
    "bilinear": partial(_enlarge_interpolated, interpolation="bilinear"),
    "shuffle": _enlarge_shuffled,
}
_ADVERSARIAL = ("nearest", "shuffle")
NAMES = tuple(_ENLARGE)


def build(name: str) -> keras.Model:
    """RGB (n, height, width, 3) in [0, 1], sides divisible by 4, through a latent of a quarter of the side and back."""
    pixels = keras.Input((None, None, 3))
    tensor = pixels
    for width in (_WIDTH // 2, _WIDTH):
        tensor = layers.Conv2D(width, 3, strides=2, padding="same", activation="leaky_relu")(tensor)
        tensor = layers.Conv2D(width, 3, padding="same", activation="leaky_relu")(tensor)
    tensor = layers.Conv2D(_LATENT, 3, padding="same")(tensor)
    tensor = layers.Conv2D(_WIDTH, 3, padding="same", activation="leaky_relu")(tensor)
    for width in (_WIDTH, _WIDTH // 2):
        tensor = layers.LeakyReLU()(_ENLARGE[name](tensor, width))
        tensor = layers.Conv2D(width, 3, padding="same", activation="leaky_relu")(tensor)
    return keras.Model(pixels, layers.Conv2D(3, 3, padding="same")(tensor), name=name)


def fit(name: str, photographs: NDArray[np.uint8], path: Path, *, steps: int = _STEPS) -> None:
    """Train on random crops of photographs uint8 (n, size, size, 3) and write the weights to `path` (.weights.h5)."""
    keras.utils.set_random_seed(20 + NAMES.index(name))
    model, critic = build(name), _build_critic()
    trainer = _Trainer(model, critic, _ADVERSARIAL_WEIGHT if name in _ADVERSARIAL else 0.0)
    trainer.compile(optimizer=keras.optimizers.Adam(_RATE), jit_compile=False)
    rng = np.random.default_rng(20)
    for step in (bar := trange(steps, desc=name)):
        trainer.optimizer.learning_rate.assign(_RATE * 0.5 * (1 + np.cos(np.pi * step / steps)))
        logs = trainer.train_on_batch(_draw_crops(photographs, rng), return_dict=True)
        bar.set_postfix(error=f"{float(logs['error']):.4f}")
    model.save_weights(path)


def open_remake(path: Path) -> Callable[[list[Pixels], np.random.Generator], list[Pixels]]:
    """A function from views uint8 (n, n, 3) of one shape to their reconstructions; `path` is NAME.weights.h5."""
    model = build(path.name.partition(".")[0])
    model.load_weights(path)

    def remake(views: list[Pixels], _: np.random.Generator) -> list[Pixels]:
        output = model.predict_on_batch(np.stack(views).astype(np.float32) / 255)
        return list(np.clip(np.rint(255 * output), 0, 255).astype(np.uint8))

    return remake


def _draw_crops(photographs: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    places = rng.integers(0, photographs.shape[1] - _CROP + 1, size=(_BATCH, 2))
    chosen = rng.integers(len(photographs), size=_BATCH)
    crops = [
        photographs[index, top : top + _CROP, left : left + _CROP]
        for index, (top, left) in zip(chosen, places, strict=True)
    ]
    return np.stack(crops).astype(np.float32) / np.float32(255)


def _build_critic() -> keras.Model:
    """A score for each patch: high for photographs (Isola et al., arXiv 1611.07004)."""
    pixels = keras.Input((None, None, 3))
    tensor = pixels
    for width in (32, 64):
        tensor = layers.Conv2D(width, 4, strides=2, padding="same", activation="leaky_relu")(tensor)
    return keras.Model(pixels, layers.Conv2D(1, 3, padding="same")(tensor), name="critic")


class _Trainer(keras.Model):  # type: ignore[misc]
    """Trains an auto-encoder by its error and, where the weight is not 0, against a critic with a hinge loss."""

    def __init__(self, model: keras.Model, critic: keras.Model, weight: float) -> None:
        super().__init__()
        self.model, self.critic, self.weight = model, critic, weight
        self.critic_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)

    def train_step(self, data: object) -> dict[str, object]:
        # Only TensorFlow trains here; the counterparts are made once, on any machine.
        import tensorflow as tf  # noqa: PLC0415

        photographs = data[0] if isinstance(data, tuple) else data
        with tf.GradientTape(persistent=True) as tape:
            remade = self.model(photographs, training=True)
            error = ops.mean(ops.abs(remade - photographs))
            judged = self.critic(remade, training=True)
            loss = error - self.weight * ops.mean(judged)
            critic_loss = ops.mean(ops.relu(1 - self.critic(photographs, training=True))) + ops.mean(
                ops.relu(1 + self.critic(tf.stop_gradient(remade), training=True))
            )
        variables = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        if self.weight:
            variables = self.critic.trainable_variables
            self.critic_optimizer.apply_gradients(zip(tape.gradient(critic_loss, variables), variables, strict=True))
        return {"error": error}
