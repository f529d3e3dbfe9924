from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from training import ablation, acceleration, fitting, network
from training.ablation import Arm
from training.recipe import Recipe


@pytest.fixture(scope="module")
def models(small_recipe: Recipe) -> tuple[keras.Model, keras.Model]:
    model = network.build(small_recipe, None)[1]
    return model, acceleration.quicken(model, small_recipe)


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.float32]:
    return np.random.default_rng(2).integers(0, 256, size=(16, 64, 64, 3)).astype(np.float32)


def run(model: keras.Model, pixels: NDArray[np.float32], training: bool) -> NDArray[np.float32]:
    features = keras.Model(model.input, model.get_layer("gap").output)
    return np.asarray(features(pixels, training=training), dtype=np.float32)


# The statistics of so small a batch multiply what rounding changes, from layer to layer.
@pytest.mark.parametrize(("training", "tolerance"), [(False, 0.05), (True, 0.4)])
def test_the_quick_network_computes_what_the_usual_one_does(
    models: tuple[keras.Model, keras.Model], pixels: NDArray[np.float32], training: bool, tolerance: float
) -> None:
    usual, quick = models
    quick.set_weights(usual.get_weights())

    expected, found = (run(model, pixels, training) for model in (usual, quick))

    assert np.linalg.norm(found - expected) < tolerance * np.linalg.norm(expected)


@pytest.mark.parametrize("changes", [{"network": "resnet50"}, {"network": "xception"}, {"branch": "residual"}])
def test_networks_with_other_layers_are_quickened_too(small_recipe: Recipe, changes: dict[str, Any]) -> None:
    arm = Arm("", branch=changes.pop("branch", None))
    chosen = replace(small_recipe, input_size=96, **changes)  # Xception takes 71 pixels at least
    pixels = np.random.default_rng(3).integers(0, 256, size=(8, 96, 96, 3)).astype(np.float32)
    usual = ablation.build(arm, chosen, None)
    quick = acceleration.quicken(usual, chosen)

    expected, found = (np.asarray(model(pixels), dtype=np.float32) for model in (usual, quick))

    assert expected.std() > 0
    assert np.linalg.norm(found - expected) < 0.05 * np.linalg.norm(expected)


def test_normalisation_follows_the_batches_as_keras_does(
    models: tuple[keras.Model, keras.Model], pixels: NDArray[np.float32]
) -> None:
    usual, quick = models
    quick.set_weights(usual.get_weights())
    before = [weight.numpy() for weight in usual.non_trainable_weights]

    for model in models:
        run(model, pixels, training=True)

    moves = [
        np.concatenate([(after.numpy() - old).ravel() for after, old in zip(weights, before, strict=True)])
        for weights in (usual.non_trainable_weights, quick.non_trainable_weights)
    ]
    assert np.linalg.norm(moves[0]) > 0
    assert np.linalg.norm(moves[1] - moves[0]) < 0.05 * np.linalg.norm(moves[0])


def test_what_the_quick_network_learns_the_usual_one_knows(
    models: tuple[keras.Model, keras.Model], small_recipe: Recipe, pixels: NDArray[np.float32]
) -> None:
    usual, quick = models
    targets = np.repeat([[0.0], [1.0]], 8, axis=0).astype(np.float32)
    fitting.compile_stage(quick, small_recipe, small_recipe.stages[1])

    losses = [float(quick.train_on_batch(pixels, targets, return_dict=True)["loss"]) for _ in range(12)]
    usual.set_weights(quick.get_weights())

    assert losses[-1] < 0.7 * losses[0]
    assert fitting.predict_logits(usual, pixels.astype(np.uint8)) == pytest.approx(
        fitting.predict_logits(quick, pixels.astype(np.uint8)), abs=0.05
    )


def test_where_the_head_alone_is_trained_the_usual_network_is(small_recipe: Recipe) -> None:
    frozen = replace(small_recipe, stages=small_recipe.stages[:1])
    model = network.build(frozen, None)[1]

    assert acceleration.quicken(model, frozen) is model
