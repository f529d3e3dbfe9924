import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training import ablation, augment, fitting, recipe
from training.ablation import ARMS, Laboratory, Result
from training.recipe import Recipe


@pytest.fixture(scope="module")
def laboratory(textures: Path, small_recipe: Recipe) -> Laboratory:
    once = replace(small_recipe.unfrozen(), stages=small_recipe.unfrozen().stages[1:], fit_splits=("train",))
    return Laboratory(once, textures, None)


@pytest.mark.parametrize("name", ["base", "whole", "frequency"])
def test_an_arm_learns_and_is_measured_clean_and_degraded(laboratory: Laboratory, name: str, tmp_path: Path) -> None:
    first = laboratory.run(ARMS[name], 1, tmp_path / "run")
    again = laboratory.run(ARMS[name], 1, tmp_path / "run")

    assert 0 <= first.clean <= 1
    assert again == first
    assert len((tmp_path / "run" / "history.csv").read_text().splitlines()) == 1 + laboratory.recipe.epochs


def test_clean_and_degraded_images_are_measured_apart(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_smoothness(_: object, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        # A made-up fake is enlarged, so smooth; what is blurred is smooth as well, whatever it was.
        return np.asarray(-np.abs(np.diff(pixels.astype(np.float64), axis=2)).mean(axis=(1, 2, 3)))

    monkeypatch.setattr(fitting, "fit", lambda run: [])
    monkeypatch.setattr(fitting, "predict_logits", tell_smoothness)

    found = laboratory.run(ARMS["base"], 1, tmp_path)

    assert found.clean == 1
    assert found.degraded < 1


def test_every_arm_differs_from_the_recipe_in_what_it_says() -> None:
    chosen = recipe.find("windows")
    changed = [(replace(chosen, **arm.changes), arm.branch, arm.recropped, arm.whole) for arm in ARMS.values()]

    assert changed[0] == (chosen, None, True, False)
    assert all(changed.count(one) == 1 for one in changed)


def test_windows_lie_on_the_grid_of_blocks() -> None:
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)

    middle = augment.take_window(image, 128, None)
    places = {tuple(augment.take_window(image, 248, np.random.default_rng(n))[0, 0].tolist()) for n in range(50)}

    assert np.array_equal(middle, image[64:192, 64:192])
    assert places == {tuple(image[y, x].tolist()) for y in (0, 8) for x in (0, 8)}


def test_the_table_has_a_line_for_each_arm_that_ran(tmp_path: Path) -> None:
    finished = (("base", 0, Result(0.9, 0.8)), ("base", 1, Result(0.92, 0.84)), ("last", 0, Result(0.7, 0.6)))
    for name, seed, result in finished:
        (tmp_path / name / str(seed)).mkdir(parents=True)
        (tmp_path / name / str(seed) / "result.json").write_text(json.dumps(asdict(result)))

    lines = ablation.render(ablation.read(tmp_path), {"base": 0.5, "last": 1.0}).splitlines()

    assert lines[2] == "| as it is | 2 | 0.910 (0.900-0.920) | 0.820 (0.800-0.840) | 1.00 |"
    assert lines[3].endswith("| 1 | 0.700 | 0.600 | 2.00 |")
    assert len(lines) == 4


def test_the_networks_that_differ_are_timed_in_turns(small_recipe: Recipe) -> None:
    seconds = ablation.time_arms(small_recipe, rounds=3)

    assert set(seconds) == {"base", "stride-1", "frequency", "residual"}
    assert min(seconds.values()) > 0


def test_without_the_stems_stride_features_are_twice_as_high_and_wide(small_recipe: Recipe) -> None:
    usual, full = (
        ablation.build(ARMS[name], replace(small_recipe, **ARMS[name].changes), None) for name in ("base", "stride-1")
    )

    assert usual.get_layer("gap").input.shape == (None, 2, 2, 1024)
    assert full.get_layer("gap").input.shape == (None, 4, 4, 1024)
