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


@pytest.mark.parametrize(("cores", "has_gpu", "processes"), [(16, True, 15), (16, False, 0), (2, True, 0)])
def test_there_are_processes_only_for_a_gpu_and_of_many_cores(
    many_sources: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, cores: int, has_gpu: bool, processes: int
) -> None:
    started: list[int] = []

    class Recorded(Feed):
        def __init__(self, dataset: Dataset, recipe: Recipe, processes: int) -> None:
            started.append(processes)
            super().__init__(dataset, recipe, 1)

    monkeypatch.setattr(feed, "Feed", Recorded)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setattr("detector.engines.has_gpu", lambda: has_gpu)

    with feed.keep_busy(many_sources, recipe) as batches:
        assert started == [processes] * (processes > 0)
        assert (batches is None) == (processes == 0)
        if batches is not None:
            assert len(list(batches(0))) == data.count_batches(many_sources, recipe)
