from dataclasses import replace
from pathlib import Path

from training import learning_curve
from training.recipe import Mixture, Recipe


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


def test_a_mixture_lasts_as_long_for_any_number_of_images(textures: Path, small_recipe: Recipe, tmp_path: Path) -> None:
    mixture = Mixture(images_per_epoch=8, emphasis={}, left_out=(), whole=(), recropped=())
    mixed = replace(small_recipe.unfrozen(), stages=small_recipe.unfrozen().stages[1:], mixture=mixture)

    learning_curve.trace(mixed, textures, None, 1, tmp_path)

    assert {(tmp_path / f"{share}" / "history.csv").read_text().count("\n") for share in (25, 100)} == {2}
