from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.counterparts import make, pairs
from training.counterparts.views import View, draw_view
from training.prepare import Example

Pixels = NDArray[np.uint8]


def brighten(views: list[Pixels], _: np.random.Generator) -> list[Pixels]:
    return [np.clip(view.astype(int) + 40, 0, 255).astype(np.uint8) for view in views]


def test_a_view_is_scaled_and_cut_to_a_multiple_of_eight() -> None:
    ramp = np.arange(256, dtype=np.uint8)[:, None, None].repeat(256, 1).repeat(3, 2)

    cut = View(side=256, top=5, left=2).cut(ramp)

    assert cut.shape == (248, 248, 3)
    assert cut[0, 0, 0] == 5
    assert View(side=192, top=0, left=0).cut(ramp).shape == (192, 192, 3)


def test_half_of_the_views_keep_their_pixels() -> None:
    sides = Counter(draw_view(np.random.default_rng(seed)).side for seed in range(400))

    assert 150 < sides[256] < 250
    assert min(sides) >= 168


def test_only_photographs_outside_of_the_test_split_get_counterparts(examples: list[Example]) -> None:
    planned = make.plan(examples, "brighter", per_source=100)

    parents = {one.sha256: one for one in examples}
    assert planned
    assert all(parents[one.parent].label == "real" for one in planned)
    assert {one.split for one in planned} <= {"train", "validation"}
    assert make.plan(list(reversed(examples)), "brighter", per_source=100)[0].view is not None


def test_counterparts_are_listed_with_their_parent_and_made_once(
    photographs: Path, examples: list[Example], tmp_path: Path
) -> None:
    made = make.make(photographs, tmp_path, "brighter", brighten, per_source=100)

    listed = make.read_manifest(tmp_path / "brighter")
    assert made == len(listed) == len(make.plan(examples, "brighter", 100))
    image = make.read_image(tmp_path / "brighter" / listed[0].path)
    parent = next(one for one in examples if one.sha256 == listed[0].parent)
    view = listed[0].view.cut(make.load_photograph(photographs, parent))
    assert np.array_equal(image, brighten([view], np.random.default_rng(0))[0])

    def refuse(views: list[Pixels], rng: np.random.Generator) -> list[Pixels]:
        raise AssertionError("made again")

    assert make.make(photographs, tmp_path, "brighter", refuse, per_source=100) == made


def test_an_interrupted_run_lists_what_it_has_made(photographs: Path, tmp_path: Path) -> None:
    calls = []

    def stop(views: list[Pixels], rng: np.random.Generator) -> list[Pixels]:
        calls.append(len(views))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return brighten(views, rng)

    with pytest.raises(KeyboardInterrupt):
        make.make(photographs, tmp_path, "brighter", stop, per_source=100)

    assert len(make.read_manifest(tmp_path / "brighter")) == calls[0]


def test_a_missing_counterpart_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="delete it and run the same command"):
        make.read_image(tmp_path / "none.png")


def test_a_pair_shows_the_same_place_of_both(photographs: Path, examples: list[Example], tmp_path: Path) -> None:
    make.make(photographs, tmp_path, "brighter", brighten, per_source=100)
    opened = pairs.open_pairs(photographs, tmp_path, examples)

    for seed in range(8):
        photograph, fake = opened.draw(128, np.random.default_rng(seed))
        assert photograph.shape == fake.shape == (128, 128, 3)
        is_free = photograph < 200  # brighter ones are clipped
        difference = (fake.astype(int) - photograph)[is_free]
        # Mixed with at most a half of the photograph, and saved as JPEG: brighter by 20 to 40, about.
        assert 15 < difference.mean() < 45
        assert difference.std() < 12


def test_pairs_are_of_training_photographs_alone(photographs: Path, examples: list[Example], tmp_path: Path) -> None:
    make.make(photographs, tmp_path, "brighter", brighten, per_source=100)

    opened = pairs.open_pairs(photographs, tmp_path, examples)

    assert {parent.split for _, parent in opened.members} == {"train"}
    others = [replace(one, split="test") for one in examples]
    with pytest.raises(ValueError, match="no counterparts"):
        pairs.open_pairs(photographs, tmp_path, others)


def test_a_small_method_is_drawn_as_often_as_a_large_one(
    photographs: Path, examples: list[Example], tmp_path: Path
) -> None:
    make.make(photographs, tmp_path, "many", brighten, per_source=100)
    make.make(photographs, tmp_path, "few", brighten, per_source=2)

    methods = Counter(one.method for one, _ in pairs.open_pairs(photographs, tmp_path, examples).members)

    assert 0.6 < methods["few"] / methods["many"] < 1.5


def test_high_frequencies_come_from_the_photograph_and_low_ones_from_the_counterpart() -> None:
    rng = np.random.default_rng(1)
    image, other = (rng.normal(128, 20, size=(64, 64, 3)).astype(np.float32) for _ in range(2))

    exchanged = pairs._exchange_high_frequencies(image, other, 0.5)

    assert np.allclose(pairs._exchange_high_frequencies(image, other, 1.0), image, atol=1e-2)
    assert np.allclose(exchanged.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=1e-2)
    assert np.abs(exchanged - image).mean() > 1


def test_the_window_of_a_local_change_is_around_it() -> None:
    photograph = np.zeros((256, 256, 3), dtype=np.uint8)
    remade = photograph.copy()
    remade[200:230, 20:60] = 200

    for seed in range(10):
        top, left = pairs._place_window(photograph, remade, 128, np.random.default_rng(seed), is_local=True)
        assert top > 90
        assert left < 30
