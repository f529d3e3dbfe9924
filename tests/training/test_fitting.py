import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.preprocess import InputSpec
from training import data, fitting, network, prepare
from training.averaging import Average
from training.recipe import Recipe


def test_an_interrupted_run_goes_on_to_the_same_epochs(textures: Path, small_recipe: Recipe, tmp_path: Path) -> None:
    small_recipe = small_recipe.unfrozen()  # as train does where it starts at random
    interrupted, uninterrupted = _make_runs(tmp_path)
    train, validation = _load(textures, small_recipe)
    _, model = network.build(small_recipe, None)
    list(islice(fitting.advance(fitting.Run(small_recipe, model, train, validation, interrupted)), 2))

    for folder in (interrupted, uninterrupted):
        _, fresh_model = network.build(small_recipe, None)
        fitting.fit(fitting.Run(small_recipe, fresh_model, train, validation, folder))

    resumed, whole = _read(interrupted), _read(uninterrupted)
    assert len(resumed) == small_recipe.epochs
    for resumed_line, whole_line in zip(resumed, whole, strict=True):
        # Threads add floats in another order each time; a forgotten optimizer or seed shows in the first digit.
        assert resumed_line == pytest.approx(whole_line, rel=2e-3)


class Impatient:
    """Pixels over which somebody presses Ctrl-C when they are looked at the second time."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self.looks = 0

    def __len__(self) -> int:
        self.looks += 1
        if self.looks == 2:
            raise KeyboardInterrupt
        return len(self.pixels)

    def __getitem__(self, chosen: slice) -> NDArray[np.uint8]:
        return self.pixels[chosen]


def test_a_run_interrupted_while_an_epoch_is_validated_trains_that_epoch_once(
    textures: Path, small_recipe: Recipe, tmp_path: Path
) -> None:
    small_recipe = small_recipe.unfrozen()
    interrupted, uninterrupted = _make_runs(tmp_path)
    train, validation = _load(textures, small_recipe)
    _, model = network.build(small_recipe, None)
    hasty = replace(validation, pixels=Impatient(validation.pixels))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        fitting.fit(fitting.Run(small_recipe, model, train, hasty, interrupted))

    for folder in (interrupted, uninterrupted):
        _, fresh_model = network.build(small_recipe, None)
        fitting.fit(fitting.Run(small_recipe, fresh_model, train, validation, folder))

    for resumed_line, whole_line in zip(_read(interrupted), _read(uninterrupted), strict=True):
        assert resumed_line == pytest.approx(whole_line, rel=2e-3)
    assert {path.name for path in interrupted.iterdir()} == {path.name for path in uninterrupted.iterdir()}


def test_the_average_lies_between_the_weights_it_has_seen_and_leaves_the_model_its_own() -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    kernel = model.weights[0]
    kernel.assign([[0.0]])
    slow, instant = Average(model, 0.75), Average(model, 0.0)

    for value in (4.0, 8.0):
        kernel.assign([[value]])
        slow.follow()
        instant.follow()

    with slow.in_place():
        assert float(kernel.numpy().item()) == 0.25 * (0.75 * 4 + 8)
    with instant.in_place():
        assert float(kernel.numpy().item()) == 8
    assert float(kernel.numpy().item()) == 8


def _make_runs(folder: Path) -> tuple[Path, Path]:
    interrupted, uninterrupted = folder / "interrupted", folder / "uninterrupted"
    interrupted.mkdir()
    uninterrupted.mkdir()
    return interrupted, uninterrupted


def _load(folder: Path, chosen: Recipe) -> tuple[data.Dataset, data.Dataset]:
    """For training and for validation."""
    spec, examples = InputSpec(chosen.input_size), prepare.list_examples(folder)
    return data.load(folder, examples, ("train",), spec), data.load(folder, examples, ("validation",), spec)


def _read(run: Path) -> list[dict[str, float]]:
    with (run / "history.csv").open(newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
