from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from training import fitting, network, recipe, stepping
from training.averaging import Average
from training.data import Dataset
from training.distillation import CompanionCrossEntropy
from training.recipe import Recipe
from training.stepping import Stepper

_PLAIN = replace(
    recipe.find("best"), input_size=32, dropout=0.0, average_decay=0.5, stages=recipe.find("finetuned").stages[-1:]
)
_BESIDE = replace(_PLAIN, companion="mobilenet_late_stride", teacher_share=0.5)


def train(recipe: Recipe, kind: Any) -> tuple[list[Any], list[Any], stepping.Moments]:
    """Weights, their average and the moments after three batches."""
    model = network.build(recipe, None)[1]
    if recipe.companion:
        other = network.build(replace(recipe, network=recipe.companion), None, "companion")[1]
        run = fitting.Run(recipe, model, cast(Dataset, None), None, Path(), companion=other)
        model = run.whole
    fitting.compile_stage(model, recipe, recipe.stages[0])
    average = Average(model, recipe.average_decay)
    stepper: Stepper = kind(model, average)
    rng = np.random.default_rng(3)
    for rate in (1e-3, 5e-4, 1e-4):
        pixels = rng.integers(0, 256, size=(4, 32, 32, 3)).astype(np.float32)
        stepper.step(pixels, rng.random(size=(4, 1)).astype(np.float32), rate)
    moments = stepper.settle()
    return model.get_weights(), average.values, moments


@pytest.mark.parametrize("recipe", [_PLAIN, _BESIDE])
def test_a_compiled_step_does_what_keras_does(recipe: Recipe) -> None:
    usual = train(recipe, lambda model, average: stepping._KerasStepper(model, recipe, average, None))
    compiled = train(recipe, lambda model, average: stepping.start(model, recipe, average, None))

    for expected, found in zip(usual[0] + usual[1], compiled[0] + compiled[1], strict=True):
        # A gradient of nearly nothing has no sure sign, and Adam's first steps are as long for it as for any other.
        assert np.median(np.abs(found - expected)) < 1e-4
    assert compiled[2] == pytest.approx(usual[2], rel=1e-3)
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(compiled[0], compiled[1], strict=True))


def test_the_companion_learns_from_the_labels_alone() -> None:
    import jax  # noqa: PLC0415

    loss = CompanionCrossEntropy(share=0.5, label_smoothing=0.0)
    logits = np.array([[0.3, -1.0], [2.0, 1.5]], dtype=np.float32)
    targets = np.array([[0.0], [1.0]], dtype=np.float32)

    slopes = np.asarray(jax.grad(lambda values: loss(targets, values))(logits)) * len(logits)

    answers = 1 / (1 + np.exp(-logits))
    assert slopes[:, 1] == pytest.approx(answers[:, 1] - targets[:, 0], abs=1e-5)
    assert slopes[:, 0] == pytest.approx(answers[:, 0] - (targets[:, 0] + answers[:, 1]) / 2, abs=1e-5)
