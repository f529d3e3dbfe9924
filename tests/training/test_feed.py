from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from training import data, feed
from training.data import Dataset
from training.feed import Feed
from training.recipe import Recipe


@pytest.fixture
def recipe(mixing_recipe: Recipe) -> Recipe:
    return replace(mixing_recipe, augmentation="roaming", mixing="mosaics")


@pytest.fixture
def fed(many_sources: Dataset, recipe: Recipe) -> Iterator[Feed]:
    made = Feed(many_sources, recipe, processes=2)
    yield made
    made.close()


def test_several_processes_make_the_batches_of_one_in_their_order(
    many_sources: Dataset, recipe: Recipe, fed: Feed
) -> None:
    for epoch in (0, 3):
        expected = list(data.iterate(many_sources, recipe, epoch))
        found = [(pixels.copy(), targets) for pixels, targets in fed.iterate(epoch)]

        assert len(found) == len(expected) > 2 * feed._AHEAD
        for (pixels, targets), (usual, usual_targets) in zip(found, expected, strict=True):
            assert np.array_equal(pixels, np.clip(np.rint(usual), 0, 255))
            assert np.array_equal(targets, usual_targets)


def test_its_processes_end_with_it(many_sources: Dataset, recipe: Recipe) -> None:
    made = Feed(many_sources, recipe, processes=2)
    processes = [maker._process for maker in made._makers]
    assert [process.poll() for process in processes] == [None, None]

    made.close()

    assert all(process.poll() is not None for process in processes)
