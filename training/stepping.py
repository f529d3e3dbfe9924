"""One batch of training at a time: as Keras does it, or on JAX compiled whole, so that a GPU waits for nothing."""

import importlib
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from training.averaging import Average, assign
from training.distillation import Teacher
from training.recipe import Recipe

Moments = tuple[float, float]  # mean loss and accuracy


class Stepper(Protocol):
    """Trains a compiled classifier batch by batch, and moves the average of its weights along."""

    def step(self, pixels: NDArray[Any], targets: NDArray[np.float32], rate: float) -> Moments | None:
        """Learn pixels (n, size, size, 3) 0-255 and targets (n, 1), at this learning rate; None before it is done."""
        ...

    def settle(self) -> Moments:
        """Leave what was learned in the model and the average; the moments of the batches since the last time."""
        ...


def start(model: keras.Model, recipe: Recipe, average: Average, teacher: Teacher | None) -> Stepper:
    """Keras' own steps where a bundle teaches, since its engine answers outside of what JAX compiles."""
    if keras.config.backend() == "jax" and teacher is None:
        return _JaxStepper(model, recipe, average)
    return _KerasStepper(model, recipe, average, teacher)


def find_right(targets: keras.KerasTensor, outputs: keras.KerasTensor) -> keras.KerasTensor:
    """Which images are on the right side; a mixed image counts as the larger of its parts.

    Of a linear head's logits the first is the classifier's own.
    """
    if targets.shape[-1] == 1:
        return keras.ops.equal(targets > 0.5, outputs[:, :1] > 0)
    return keras.ops.equal(keras.ops.argmax(targets, -1), keras.ops.argmax(outputs, -1))


class _KerasStepper:
    def __init__(self, model: keras.Model, recipe: Recipe, average: Average, teacher: Teacher | None) -> None:
        self._model, self._recipe, self._average, self._teacher = model, recipe, average, teacher
        self._moments: list[Moments] = []

    def step(self, pixels: NDArray[Any], targets: NDArray[np.float32], rate: float) -> Moments:
        self._model.optimizer.learning_rate.assign(rate)
        if self._teacher is not None:
            targets = self._teacher.soften(pixels, targets, self._recipe.teacher_share)
        logs = self._model.train_on_batch(pixels, _fit_head(targets, self._recipe), return_dict=True)
        self._average.follow()
        self._moments.append((float(logs["loss"]), float(logs[find_right.__name__])))  # of this batch alone
        return self._moments[-1]

    def settle(self) -> Moments:
        loss, accuracy = np.mean(self._moments, axis=0)
        self._moments = []
        return float(loss), float(accuracy)


class _JaxStepper:
    """Gradient, optimizer and average in one compiled call, whose result nobody waits for."""

    def __init__(self, model: keras.Model, recipe: Recipe, average: Average) -> None:
        self._model, self._recipe, self._average = model, recipe, average
        self._jax = importlib.import_module("jax")
        self._learn = self._jax.jit(self._trace, donate_argnums=0)
        self._moments: list[Any] = []
        self._state = self._read()

    def _variables(self) -> tuple[list[keras.Variable], ...]:
        model = self._model
        return model.trainable_variables, model.non_trainable_variables, model.optimizer.variables

    def _read(self) -> Any:
        # Copies: what is given to the compiled call is gone, and the model keeps its own.
        copy = self._jax.numpy.array
        values = [[copy(variable.value) for variable in group] for group in self._variables()]
        return (*values, [copy(value) for value in self._average.values])

    def step(self, pixels: NDArray[Any], targets: NDArray[np.float32], rate: float) -> None:
        # A copy, since the pixels' memory is used again before the device has read them.
        self._state, moments = self._learn(self._state, np.array(pixels), targets, np.float32(rate))
        self._moments.append(moments)

    def settle(self) -> Moments:
        *groups, average = self._state
        for variables, values in zip(self._variables(), groups, strict=True):
            assign(variables, values)
        self._average.values = [np.array(value) for value in average]
        loss, accuracy = np.mean(np.array(self._moments, dtype=np.float64), axis=0)
        self._moments = []
        self._state = self._read()
        return float(loss), float(accuracy)

    def _trace(self, state: Any, pixels: Any, targets: Any, rate: Any) -> Any:
        model, decay = self._model, self._average.decay
        trainable, fixed, steering, average = state
        pixels = keras.ops.cast(pixels, "float32")
        goals = _fit_head(targets, self._recipe)

        def lose(values: Any) -> Any:
            outputs, moved = model.stateless_call(values, fixed, pixels, training=True)
            return model.loss(goals, outputs), (outputs, moved)

        (loss, (outputs, fixed)), gradients = self._jax.value_and_grad(lose, has_aux=True)(trainable)
        place = next(n for n, one in enumerate(model.optimizer.variables) if one is model.optimizer.learning_rate)
        steering = [*steering[:place], rate, *steering[place + 1 :]]
        trainable, steering = model.optimizer.stateless_apply(steering, gradients, trainable)
        by_variable = {
            id(variable): value
            for variables, values in zip(self._variables(), (trainable, fixed), strict=False)
            for variable, value in zip(variables, values, strict=True)
        }
        average = [
            value + (1 - decay) * (by_variable[id(weight)] - value)
            for value, weight in zip(average, model.weights, strict=True)
        ]
        right = keras.ops.mean(keras.ops.cast(find_right(goals, outputs), "float32"))
        return (trainable, fixed, steering, average), (loss, right)


def _fit_head(targets: Any, recipe: Recipe) -> Any:
    """Targets (n, 1) as a linear head has them, (n, 2) for the paper's."""
    return targets if recipe.head == "linear" else keras.ops.concatenate([1 - targets, targets], axis=1)
