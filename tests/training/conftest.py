"""Fixtures of the training tests: a small folder {real,fake} of textures and one smoke run over it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import recipe, train
from training.data import Dataset
from training.prepare import Example
from training.recipe import Mixture, Recipe, Stage

# Images by class and source. The place of an image is its brightness, which a zoom leaves as it is.
SOURCES = {("real", "large"): 100, ("fake", "large"): 16, ("fake", "small"): 36, ("real", "stressed"): 25}


@pytest.fixture(scope="session")
def textures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty noise images a class; a fake is the same kind of noise, up-sampled by two."""
    folder = tmp_path_factory.mktemp("textures")
    rng = np.random.default_rng(7)
    for label in ("real", "fake"):
        (folder / label).mkdir()
        for number in range(40):
            noise = rng.integers(0, 256, size=(64, 64, 3), dtype=np.uint8)
            if label == "fake":
                noise = noise[:32, :32].repeat(2, axis=0).repeat(2, axis=1)
            Image.fromarray(noise).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def small_recipe() -> Recipe:
    """The shipped recipe on 64 x 64 pixels, with two epochs a stage."""
    stages = (
        Stage(epochs=1, learning_rate=1e-3, trains_backbone=False, schedule="constant"),
        Stage(epochs=2, learning_rate=5e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),
    )
    return replace(recipe.find("finetuned"), input_size=64, batch_size=16, stages=stages)


@pytest.fixture(scope="session")
def smoke_run(textures: Path, small_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run folder of the small recipe from random weights."""
    run = tmp_path_factory.mktemp("runs") / "smoke"
    train.train(small_recipe, textures, None, run)
    return run


@pytest.fixture(scope="session")
def many_sources() -> Dataset:
    examples = [
        Example(f"{label}{number}", "", label, source, "", "", "train", 64, 64, "PNG", 0, f"{source}/{label}/{number}")
        for (label, source), n in SOURCES.items()
        for number in range(n)
    ]
    shades = np.arange(len(examples), dtype=np.uint8)
    labels = np.array([int(example.label == "fake") for example in examples])
    return Dataset(examples, np.broadcast_to(shades[:, None, None, None], (len(examples), 64, 64, 3)), labels)


@pytest.fixture(scope="session")
def mixing_recipe(small_recipe: Recipe) -> Recipe:
    mixture = Mixture(images_per_epoch=200, emphasis={"stressed": 2.0}, left_out=(), whole=(), recropped=())
    return replace(small_recipe, augmentation="zoom", mixing="none", mixture=mixture)
