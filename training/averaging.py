"""The moving average of a model's weights, which validates and ships in their place."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras


class Average:
    """The exponential moving average of a model's weights and batch-norm statistics over its batches (Polyak and
    Juditsky, 1992): on few images it tells new ones apart better than where the last batch left the weights."""

    def __init__(self, model: keras.Model, decay: float) -> None:
        self.model = model
        self.decay = decay
        self.start()

    def start(self) -> None:
        self.values = [weight.numpy().copy() for weight in self.model.weights]

    def follow(self) -> None:
        """Moves a step towards the weights as they are now."""
        for value, weight in zip(self.values, self.model.weights, strict=True):
            value += (1 - self.decay) * (weight.numpy() - value)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the model has the averaged weights."""
        own = [weight.numpy().copy() for weight in self.model.weights]
        assign(self.model.weights, self.values)
        yield
        assign(self.model.weights, own)


def assign(variables: Sequence[keras.Variable], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
