from pathlib import Path

import numpy as np

import detector
from detector.preprocess import InputSpec
from training import data, prepare
from training.recipe import Recipe


def test_training_sees_the_pixels_that_serving_sees(shared_data: Path, smoke_run: Path) -> None:
    served = detector.Detector.open(smoke_run / "bundle")
    folder = shared_data / "photos"

    trained_on = data.load(folder, prepare.list_examples(folder), ("train", "validation", "test"), served.input_spec)

    assert len(trained_on) > 20
    for example, pixels in zip(trained_on.examples, trained_on.pixels, strict=True):
        assert np.array_equal(pixels, served.prepare((folder / example.path).read_bytes()))


def test_an_epoch_shows_every_image_once_and_is_the_same_again(textures: Path, small_recipe: Recipe) -> None:
    dataset = data.load(textures, prepare.list_examples(textures), ("train",), InputSpec(64))

    first, again = (list(data.iterate(dataset, small_recipe, epoch=1)) for _ in range(2))
    other = list(data.iterate(dataset, small_recipe, epoch=2))

    assert sum(len(pixels) for pixels, _ in first) == len(dataset)
    assert len(first) == data.count_batches(dataset, small_recipe)
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0][0], other[0][0])


def test_labels_follow_the_folder(textures: Path) -> None:
    dataset = data.load(textures, prepare.list_examples(textures), ("test",), InputSpec(64))

    assert [example.label == "fake" for example in dataset.examples] == list(dataset.labels == 1)
