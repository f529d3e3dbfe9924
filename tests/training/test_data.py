import csv
import errno
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import detector
from detector import decode, examination, faces, preprocess
from detector.preprocess import InputSpec
from tests.detector import pictures
from tests.training.conftest import SOURCES
from tests.training.test_robustness import make_example
from training import data, prepare, slices
from training.counterparts.pairs import Pairs
from training.data import Dataset
from training.recipe import Recipe


def count_shown(dataset: Dataset, recipe: Recipe, epoch: int) -> Counter[int]:
    shown = Counter(
        round(float(image.mean())) for pixels, _ in data.iterate(dataset, recipe, epoch) for image in pixels
    )
    return shown


def test_training_sees_the_pixels_that_serving_sees(shared_data: Path, smoke_run: Path) -> None:
    served = detector.Detector.open(smoke_run / "bundle")
    folder = shared_data / "photos"

    trained_on = data.load(folder, prepare.list_examples(folder), ("train", "validation", "test"), served.input_spec)

    assert len(trained_on) > 20
    for example, pixels in zip(trained_on.examples, trained_on.pixels, strict=True):
        assert np.array_equal(pixels, served.examine((folder / example.path).read_bytes()).pixels[0])


@pytest.fixture
def head(shared_data: Path) -> NDArray[np.uint8]:
    return pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 1)[0]


def save_as_example(folder: Path, name: str, picture: NDArray[np.uint8]) -> prepare.Example:
    Image.fromarray(picture).save(folder / name)
    return replace(make_example("0" * 64), width=picture.shape[1], height=picture.shape[0], path=name)


@pytest.mark.parametrize(
    ("side", "ground", "name"),
    [(400, (1080, 1920), "frame.png"), (150, (240, 320), "small.png"), (900, (3000, 4000), "large.jpg")],
)
def test_of_a_frame_training_and_the_grid_see_the_square_that_serving_cuts(
    side: int, ground: tuple[int, int], name: str, head: NDArray[np.uint8], tmp_path: Path
) -> None:
    example = save_as_example(tmp_path, name, pictures.lay_out([head], side, ground))
    content = (tmp_path / example.path).read_bytes()

    loaded = data.load(tmp_path, [example], (example.split,), InputSpec(128))
    cut = data.cut_out(tmp_path, example, InputSpec(128))

    served = examination.examine(content, InputSpec(128))
    square = faces.frame(served.width, served.height, served.faces[0])
    assert square.width < min(ground)
    assert np.array_equal(loaded.pixels[0], served.pixels[0])
    assert np.array_equal(cut, faces.crop(decode.decode(content), served.faces[0]))
    assert loaded.squares == {example.sha256: square.width}


def test_a_frame_without_a_face_stays_whole(tmp_path: Path) -> None:
    pixels = dict(pictures.draw_without_faces())["landscape"]
    example = save_as_example(tmp_path, "landscape.png", pixels)

    loaded = data.load(tmp_path, [example], (example.split,), InputSpec(128))

    assert np.array_equal(loaded.pixels[0], preprocess.fit(pixels, InputSpec(128)))
    assert np.array_equal(data.cut_out(tmp_path, example, InputSpec(128)), pixels)
    assert not loaded.squares


def test_a_face_crop_is_loaded_whole_without_looking_for_its_face(
    head: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(faces, "find")
    example = save_as_example(tmp_path, "face.png", head)

    loaded = data.load(tmp_path, [example], (example.split,), InputSpec(256))

    assert np.array_equal(loaded.pixels[0], head)
    assert np.array_equal(data.cut_out(tmp_path, example, InputSpec(256)), head)


@pytest.mark.parametrize("name", ["faces.csv.gz", "ffhq-stylegan.csv"])
def test_every_published_image_is_taken_whole(name: str) -> None:
    with prepare.open_manifest(Path(data.__file__).parent / "manifests" / name) as file:
        sizes = {(int(row["width"]), int(row["height"])) for row in csv.DictReader(file)}

    assert all(data.is_crop(replace(make_example("0" * 64), width=width, height=height)) for width, height in sizes)


def test_a_face_is_as_wide_in_its_slice_as_in_its_frame(head: NDArray[np.uint8], tmp_path: Path) -> None:
    example = save_as_example(tmp_path, "frame.png", pictures.lay_out([head], 180, (1080, 1920)))
    loaded = data.load(tmp_path, [example], (example.split,), InputSpec(256))

    traits = dict(slices.describe(np.asarray(loaded.pixels[0]), example, loaded.squares[example.sha256]))

    assert traits["face width"] == "96 to 159 px"


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


def test_a_mixture_shows_both_classes_alike_and_a_source_by_the_root_of_its_size_times_its_emphasis(
    many_sources: Dataset, mixing_recipe: Recipe
) -> None:
    shown = count_shown(many_sources, mixing_recipe, epoch=0)

    by_source: Counter[tuple[str, str]] = Counter()
    for place, times in shown.items():
        by_source[many_sources.examples[place].label, many_sources.examples[place].source] += times
    # Reals: roots 10 and 5, the latter stressed to 10. Fakes: roots 4 and 6.
    assert by_source == {
        ("real", "large"): 50,
        ("real", "stressed"): 50,
        ("fake", "large"): 40,
        ("fake", "small"): 60,
    }


def test_no_image_of_a_source_comes_again_before_all_of_it_have_come(
    many_sources: Dataset, mixing_recipe: Recipe
) -> None:
    shown = count_shown(many_sources, mixing_recipe, epoch=3)

    times: dict[tuple[str, str], set[int]] = {key: set() for key in SOURCES}
    for place, example in enumerate(many_sources.examples):
        times[example.label, example.source].add(shown[place])
    assert times == {
        ("real", "large"): {0, 1},
        ("real", "stressed"): {2},
        ("fake", "large"): {2, 3},
        ("fake", "small"): {1, 2},
    }


def test_the_targets_of_a_mixture_are_those_of_its_images(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    for pixels, targets in data.iterate(many_sources, mixing_recipe, 0):
        assert [many_sources.labels[round(float(image.mean()))] for image in pixels] == targets[:, 0].tolist()


def test_no_patch_goes_into_or_comes_from_a_source_whose_fakes_are_partly_photographs(
    many_sources: Dataset, mixing_recipe: Recipe
) -> None:
    assert mixing_recipe.mixture is not None
    recipe = replace(mixing_recipe, mixing="rectangles", mixture=replace(mixing_recipe.mixture, whole=("large",)))
    mixed = 0
    for pixels, targets in data.iterate(many_sources, recipe, 0):
        for image, target in zip(pixels, targets[:, 0], strict=True):
            shades = np.unique(image.round())
            mixed += len(shades) > 1
            sources = {many_sources.examples[int(shade)].source for shade in shades}
            assert "large" not in sources or (len(shades) == 1 and target in (0, 1))
    assert mixed


def test_a_paired_fake_comes_behind_its_photograph_and_changed_like_it(
    many_sources: Dataset, mixing_recipe: Recipe
) -> None:
    assert mixing_recipe.mixture is not None
    recipe = replace(mixing_recipe, augmentation="roaming", mixture=replace(mixing_recipe.mixture, paired=("large",)))
    order = data.order_epoch(many_sources, recipe, 0).tolist()
    names = [many_sources.examples[place].path for place in order]

    fakes = [number for number, name in enumerate(names) if name.startswith("large/fake")]

    assert len(fakes) > 20
    assert all(names[number - 1] == names[number].replace("fake", "real") for number in fakes)
    # With nothing to tell the two apart, what is shown of them is the same.
    same = replace(many_sources, pixels=np.broadcast_to(np.uint8(90), many_sources.pixels.shape))
    shown = np.concatenate([pixels for pixels, _ in data.iterate(same, recipe, 0)])
    assert all(np.array_equal(shown[number], shown[number - 1]) for number in fakes)


def test_a_mixed_epoch_is_the_same_again_and_as_long_as_promised(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    recipe = replace(mixing_recipe, augmentation="roaming", mixing="rectangles")

    first, again, other = (list(data.iterate(many_sources, recipe, epoch)) for epoch in (1, 1, 2))

    assert len(first) == data.count_batches(many_sources, recipe) == len(other)
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0][0], other[0][0])


def test_degraded_images_come_after_the_clean_ones_with_the_same_labels(textures: Path) -> None:
    clean = data.load(textures, prepare.list_examples(textures), ("test",), InputSpec(64))

    both, again, other = (data.add_degraded(clean, seed) for seed in (1, 1, 2))

    n = len(clean)
    assert both.examples == [*clean.examples, *clean.examples]
    assert both.labels.tolist() == [*clean.labels, *clean.labels]
    assert np.array_equal(both.pixels[:n], clean.pixels)
    assert all(not np.array_equal(a, b) for a, b in zip(both.pixels[n:], clean.pixels, strict=True))
    assert np.array_equal(both.pixels, again.pixels)
    assert not np.array_equal(both.pixels, other.pixels)


def test_thinning_keeps_the_first_images_of_every_sources_class(many_sources: Dataset) -> None:
    thin = data.thin_out(many_sources, 20)

    assert Counter((example.label, example.source) for example in thin.examples) == {
        key: min(n, 20) for key, n in SOURCES.items()
    }
    assert all(int(example.path.rpartition("/")[2]) < 20 for example in thin.examples)
    assert [many_sources.examples[image[0, 0, 0]] for image in thin.pixels] == thin.examples
    assert thin.labels.tolist() == [int(example.label == "fake") for example in thin.examples]


def test_a_full_disk_is_told_before_an_image_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", refuse)

    with pytest.raises(OSError, match="No space left"):
        data.load(tmp_path, [make_example("0" * 64)], ("train",), InputSpec(64))


class PlainPairs:
    """Pairs whose photographs are black and whose counterparts are white, and the windows that were asked for."""

    def __init__(self) -> None:
        self.windows: list[int] = []

    @property
    def of_paired_sources(self) -> "PlainPairs":
        return self

    def draw(self, window: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        self.windows.append(window)
        shape = (window, window, 3)
        return np.zeros(shape, dtype=np.uint8), np.full(shape, 255, dtype=np.uint8)


def test_a_batch_ends_with_its_pairs_and_all_of_it_are_windows(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    pairs = PlainPairs()
    stages = (replace(mixing_recipe.stages[0], window=32, pairs=3),)
    recipe = replace(mixing_recipe, stages=stages)

    batches = list(data.iterate(replace(many_sources, pairs=cast(Pairs, pairs)), recipe, 0))

    assert len(batches) == data.count_batches(many_sources, recipe) == 20
    for pixels, targets in batches:
        assert pixels.shape[1:] == (32, 32, 3)
        assert targets[-6:, 0].tolist() == [0, 1] * 3
        assert pixels[-6:].mean(axis=(1, 2, 3)).tolist() == [0, 255] * 3
    assert set(pairs.windows) == {32}


def test_a_stage_of_pairs_alone_shows_no_other_image(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    stages = (replace(mixing_recipe.stages[0], pairs=8),)

    batches = list(
        data.iterate(replace(many_sources, pairs=cast(Pairs, PlainPairs())), replace(mixing_recipe, stages=stages), 0)
    )

    assert len(batches) == 13
    assert all(targets[:, 0].tolist() == [0, 1] * 8 for _, targets in batches)


def test_pairs_that_are_missing_are_asked_for(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    recipe = replace(mixing_recipe, stages=(replace(mixing_recipe.stages[0], pairs=2),))

    with pytest.raises(ValueError, match="--counterparts"):
        next(data.iterate(many_sources, recipe, 0))


def test_a_class_that_is_left_out_is_not_shown(many_sources: Dataset, mixing_recipe: Recipe) -> None:
    assert mixing_recipe.mixture is not None
    recipe = replace(mixing_recipe, mixture=replace(mixing_recipe.mixture, left_out=("large/fake",)))

    shown = {many_sources.examples[place] for place in data.order_epoch(many_sources, recipe, 0).tolist()}

    assert {(one.source, one.label) for one in shown} == set(map(tuple, map(reversed, SOURCES))) - {("large", "fake")}


def test_pixels_are_kept_for_the_next_time(textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples, spec = prepare.list_examples(textures), InputSpec(64)
    first = data.load(textures, examples, ("train",), spec, cache=tmp_path)
    monkeypatch.delattr(data, "_decode")

    again = data.load(textures, examples, ("train",), spec, cache=tmp_path)

    assert np.array_equal(first.pixels, again.pixels)
    with pytest.raises(NameError):
        data.load(textures, examples, ("validation",), spec, cache=tmp_path)


def test_in_the_framing_of_faces_a_small_square_is_cut_to_its_face(head: NDArray[np.uint8], tmp_path: Path) -> None:
    example = save_as_example(tmp_path, "square.png", pictures.lay_out([head], 150, (320, 320)))
    spec = InputSpec(128)

    whole = data.load(tmp_path, [example], (example.split,), spec)
    cut = data.load(tmp_path, [example], (example.split,), spec, framing="face")

    served = examination.examine((tmp_path / example.path).read_bytes(), spec)
    assert np.array_equal(cut.pixels[0], served.pixels[0])
    assert not np.array_equal(cut.pixels[0], whole.pixels[0])
