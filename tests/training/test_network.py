from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from training import fitting, network, quantise, recipe


@pytest.fixture(scope="module")
def paper() -> keras.Model:
    return network.build(recipe.find("paper"), None)[1]


def test_the_papers_network_has_the_papers_layers_and_counts(paper: keras.Model) -> None:
    assert sum(int(np.prod(weight.shape)) for weight in paper.trainable_weights) == 131_458
    assert paper.count_params() == 3_360_322
    assert paper.input_shape == (None, 256, 256, 3)
    assert [type(layer).__name__ for layer in paper.layers[1:]] == [
        "Rescaling",
        "Functional",
        "GlobalAveragePooling2D",
        "Dense",
        "Dropout",
        "Dense",
    ]
    rescaling = paper.layers[1]
    hidden, dropout, softmax = paper.layers[4:]
    assert (rescaling.scale, rescaling.offset) == (1 / 255, 0)
    assert (hidden.units, hidden.activation.__name__) == (128, "relu")
    assert (dropout.rate, softmax.units, softmax.activation.__name__) == (0.5, 2, "softmax")


def test_the_paper_is_trained_with_the_papers_numbers(paper: keras.Model) -> None:
    chosen = recipe.find("paper")

    fitting.compile_stage(paper, chosen, chosen.stages[0])

    assert type(paper.optimizer) is keras.optimizers.Adam
    assert float(paper.optimizer.learning_rate.numpy()) == pytest.approx(3e-4)
    assert isinstance(paper.loss, keras.losses.CategoricalCrossentropy)
    assert (chosen.epochs, chosen.batch_size, chosen.augmentation, chosen.label_smoothing) == (5, 32, "zoom", 0.0)
    assert chosen.fit_splits == ("train", "validation")


def test_a_frozen_backbone_keeps_its_batch_norm_statistics(paper: keras.Model) -> None:
    before = [weight.numpy() for weight in network.find_body(paper).weights]
    targets = np.eye(2, dtype=np.float32)[[0, 1]]

    paper.compile("sgd", "categorical_crossentropy", jit_compile=False)
    paper.train_on_batch(np.random.default_rng(0).random((2, 256, 256, 3)).astype(np.float32) * 255, targets)

    after = [weight.numpy() for weight in network.find_body(paper).weights]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_tuned_network_scales_inside_and_ends_in_one_logit() -> None:
    model = network.build(recipe.find("finetuned"), None)[1]

    scaled = model.layers[1](np.array([0.0, 127.5, 255.0], dtype=np.float32))
    assert np.asarray(scaled) == pytest.approx([-1, 0, 1])
    assert model.output_shape == (None, 1)
    assert model.layers[-1].activation.__name__ == "linear"


def test_it_goes_on_from_a_bundles_weights(tmp_path: Path) -> None:
    first = network.build(replace(recipe.find("finetuned"), seed=1), None)[0]
    quantise.write_keras(first, tmp_path / "keras.weights.h5")

    second = network.build(recipe.find("best"), tmp_path / "keras.weights.h5")[0]

    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))
