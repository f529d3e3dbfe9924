from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training import network, recipe, train
from training.distillation import Teacher
from training.recipe import Recipe


def test_targets_move_towards_the_teachers_answers(smoke_run: Path) -> None:
    teacher = Teacher(smoke_run / "bundle")
    pixels = np.random.default_rng(1).uniform(0, 255, size=(3, 64, 64, 3)).astype(np.float32)
    labels = np.array([[0.0], [1.0], [0.5]], dtype=np.float32)

    answers = teacher.soften(pixels, labels, 1.0)

    assert ((answers > 0) & (answers < 1)).all()
    assert teacher.soften(pixels, labels, 0.25) == pytest.approx(0.75 * labels + 0.25 * answers)
    assert np.array_equal(teacher.soften(pixels, labels, 0.0), labels)


def test_a_pruned_network_begins_with_its_teachers_layers(smoke_run: Path) -> None:
    teacher = Teacher(smoke_run / "bundle")
    small = replace(recipe.find("student"), input_size=64)
    backbone, _ = network.build(small, None)

    teacher.lend_weights(backbone)

    whole, _ = network.build(replace(small, network="mobilenet"), smoke_run / "bundle" / "keras.weights.h5")
    layers = {layer.name for layer in network.find_body(backbone).layers}
    assert not {"conv_dw_9", "conv_pw_11"} & layers
    for name in ("conv1", "conv_pw_8", "conv_pw_12"):
        lent, own = (network.find_body(one).get_layer(name).get_weights() for one in (backbone, whole))
        assert all(np.array_equal(a, b) for a, b in zip(lent, own, strict=True))


def test_who_needs_a_teacher_is_told_so(textures: Path, small_recipe: Recipe, smoke_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name its bundle with --teacher"):
        train.train(replace(small_recipe, teacher_share=0.5), textures, None, tmp_path / "a")
    with pytest.raises(ValueError, match="leave --teacher out"):
        train.train(small_recipe, textures, None, tmp_path / "b", Teacher(smoke_run / "bundle"))


def test_a_student_is_trained_to_a_bundle_of_its_own(
    textures: Path, small_recipe: Recipe, smoke_run: Path, tmp_path: Path
) -> None:
    teacher = Teacher(smoke_run / "bundle")
    small = replace(
        small_recipe, network="mobilenet_shallow", teacher_share=0.5, stages=small_recipe.unfrozen().stages[1:]
    )

    train.train(small, textures, None, tmp_path, teacher)

    sizes = [(run / "bundle" / "litert-int8.tflite").stat().st_size for run in (tmp_path, smoke_run)]
    assert sizes[0] < 0.8 * sizes[1]
    assert teacher.bundle.card.version in (tmp_path / "config.json").read_text()
