import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from detector import bundle
from training import fitting, network, recipe, scoring, train
from training.distillation import Teacher
from training.recipe import Recipe


def test_targets_move_towards_the_teachers_answers(smoke_run: Path) -> None:
    teacher = Teacher([smoke_run / "bundle"])
    pixels = np.random.default_rng(1).uniform(0, 255, size=(3, 64, 64, 3)).astype(np.float32)
    labels = np.array([[0.0], [1.0], [0.5]], dtype=np.float32)

    answers = teacher.soften(pixels, labels, 1.0)

    assert ((answers > 0) & (answers < 1)).all()
    assert teacher.soften(pixels, labels, 0.25) == pytest.approx(0.75 * labels + 0.25 * answers)
    assert np.array_equal(teacher.soften(pixels, labels, 0.0), labels)


def test_a_pruned_network_begins_with_its_teachers_layers(smoke_run: Path) -> None:
    teacher = Teacher([smoke_run / "bundle"])
    small = replace(recipe.find("student"), input_size=64)
    backbone, model = network.build(small, None)
    head = model.get_layer("logit").get_weights()

    teacher.lend_weights(backbone, model)

    whole, _ = network.build(replace(small, network="mobilenet"), smoke_run / "bundle" / "keras.weights.h5")
    layers = {layer.name for layer in network.find_body(backbone).layers}
    assert not {"conv_dw_9", "conv_pw_11"} & layers
    for name in ("conv1", "conv_pw_8", "conv_pw_12"):
        lent, own = (network.find_body(one).get_layer(name).get_weights() for one in (backbone, whole))
        assert all(np.array_equal(a, b) for a, b in zip(lent, own, strict=True))
    assert np.array_equal(model.get_layer("logit").get_weights()[0], head[0])  # it fits other features


def test_the_same_network_begins_where_its_teacher_ended(smoke_run: Path, small_recipe: Recipe) -> None:
    teacher = Teacher([smoke_run / "bundle"])
    backbone, model = network.build(small_recipe, None)
    pixels = np.random.default_rng(2).integers(0, 256, size=(4, 64, 64, 3), dtype=np.uint8)

    teacher.lend_weights(backbone, model)

    answers = scoring.score(scoring.open_engine(smoke_run / "bundle", "keras"), pixels)
    assert fitting.predict_logits(model, pixels) == pytest.approx(answers, abs=1e-4)


def test_several_teachers_answer_by_their_mean_calibrated_logit(smoke_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(smoke_run / "bundle", other)
    card = bundle.load(other).card
    moved = {
        name: replace(engine, calibration=replace(engine.calibration, bias=engine.calibration.bias + 2))
        for name, engine in card.engines.items()
    }
    card = replace(card, engines=moved)
    bundle.save(other, replace(card, version=bundle.derive_version(card)))
    pixels = np.random.default_rng(1).uniform(0, 255, size=(3, 64, 64, 3)).astype(np.float32)
    alone, both = (
        logit(Teacher(folders).soften(pixels, np.zeros((3, 1), dtype=np.float32), 1.0))
        for folders in ([smoke_run / "bundle"], [smoke_run / "bundle", other])
    )

    assert both == pytest.approx(alone + 1, abs=1e-3)


def test_who_needs_a_teacher_is_told_so(textures: Path, small_recipe: Recipe, smoke_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name its bundle with --teacher"):
        train.train(replace(small_recipe, teacher_share=0.5), textures, None, tmp_path / "a")
    with pytest.raises(ValueError, match="leave --teacher out"):
        train.train(small_recipe, textures, None, tmp_path / "b", Teacher([smoke_run / "bundle"]))


def test_a_student_is_trained_to_a_bundle_of_its_own(
    textures: Path, small_recipe: Recipe, smoke_run: Path, tmp_path: Path
) -> None:
    teacher = Teacher([smoke_run / "bundle"])
    small = replace(
        small_recipe, network="mobilenet_shallow", teacher_share=0.5, stages=small_recipe.unfrozen().stages[1:]
    )

    train.train(small, textures, None, tmp_path, teacher)

    sizes = [(run / "bundle" / "litert-int8.tflite").stat().st_size for run in (tmp_path, smoke_run)]
    assert sizes[0] < 0.8 * sizes[1]
    assert teacher.versions[0] in (tmp_path / "config.json").read_text()


def test_a_companion_is_trained_beside_and_left_as_a_bundle(
    textures: Path, small_recipe: Recipe, tmp_path: Path
) -> None:
    stages = small_recipe.unfrozen().stages[1:]
    beside = replace(small_recipe, companion="mobilenet_late_stride", teacher_share=0.5, stages=stages)

    train.train(beside, textures, None, tmp_path)

    networks = [bundle.load(tmp_path / name).card.network for name in ("bundle", "companion")]
    assert networks == ["mobilenet", "mobilenet_late_stride"]
    pixels = np.random.default_rng(2).integers(0, 256, size=(4, 64, 64, 3), dtype=np.uint8)
    own, others = (
        scoring.score(scoring.open_engine(tmp_path / name, "litert-float32"), pixels)
        for name in ("bundle", "companion")
    )
    assert np.abs(own - others).max() > 1e-3
