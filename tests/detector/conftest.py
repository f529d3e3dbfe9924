"""Fixtures of the detector tests: a small untrained bundle of either head, made as training makes one."""

from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from training import export, network, recipe
from training.data import Dataset
from training.prepare import Example


@dataclass(frozen=True)
class Sample:
    """A bundle, the Keras model it was exported from, and images to run through both."""

    folder: Path
    model: keras.Model
    images: Dataset


@pytest.fixture(scope="session", params=["finetuned", "paper"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """64 x 64 pixels and random weights, but batch norms that know these images: else all features are alike."""
    small = replace(recipe.find(request.param), input_size=64)
    backbone, model = network.build(small, None)
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, size=(20, 64, 64, 3), dtype=np.uint8) // rng.integers(1, 5, size=(20, 1, 1, 1))
    _settle(backbone, pixels.astype(np.float32))
    labels = np.arange(20) % 2
    examples = [_example(index) for index in range(20)]
    images = Dataset(examples, pixels.astype(np.uint8), labels)
    folder = tmp_path_factory.mktemp(request.param)
    export.write_bundle(small, backbone, model, images, None, origin="noise", folder=folder)
    return Sample(folder, model, images)


def _example(index: int) -> Example:
    return Example(
        sha256=str(index),
        phash="0" * 16,
        label="real",
        source="noise",
        generator="",
        group=str(index),
        split="train",
        width=64,
        height=64,
        format="PNG",
        jpeg_quality=0,
        path=str(index),
    )


def _settle(backbone: keras.Model, pixels: NDArray[np.float32]) -> None:
    mobilenet = network.find_body(backbone)
    was_trainable, mobilenet.trainable = mobilenet.trainable, True
    for layer in mobilenet.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    mobilenet(backbone.layers[1](pixels), training=True)
    mobilenet.trainable = was_trainable
