from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training import learning_curve, network, recipe
from training.recipe import Recipe


def test_more_images_are_shown_as_often_and_each_part_lies_in_the_next(
    textures: Path, small_recipe: Recipe, tmp_path: Path
) -> None:
    once = replace(small_recipe.unfrozen(), stages=small_recipe.unfrozen().stages[1:])

    points = learning_curve.trace(once, textures, None, 1, tmp_path)

    images = [point.images for point in points]
    assert images == sorted(images)
    assert 0 < images[0] < images[-1] / 2
    assert [(tmp_path / f"{share}" / "history.csv").read_text().count("\n") - 1 for share in (25, 50, 75, 100)] == [
        round(images[-1] / count) for count in images
    ]
    assert f"| {images[-1]} | " in learning_curve.render(points)


def test_what_starts_at_random_is_trained_throughout(textures: Path, small_recipe: Recipe, tmp_path: Path) -> None:
    head_alone = replace(small_recipe, stages=small_recipe.stages[:1])

    learning_curve.trace(head_alone, textures, None, 1, tmp_path)

    _, untrained = network.build(head_alone.unfrozen(), None)
    with np.load(tmp_path / "100" / "chosen.npz") as trained:
        assert not np.array_equal(trained["arr_0"], untrained.weights[0].numpy())


def test_a_mixture_has_no_learning_curve(textures: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mixes sources"):
        learning_curve.trace(recipe.find("best"), textures, None, 1, tmp_path)
