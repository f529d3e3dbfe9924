import numpy as np
import pytest
from numpy.typing import NDArray

from detector.card import EngineCard
from detector.explain import Output
from detector.verdict import Calibration, Thresholds
from training import faithfulness
from training.data import Dataset
from training.prepare import Example

SIZE, CELLS = 64, 8
ENTRY = EngineCard("", "", calibration=Calibration(1.0, 0.0), thresholds=Thresholds(0.5, 0.5))


class Contrasts:
    """Its logit is the fine contrast in one corner, and so says its map, or the map of a liar."""

    name, best_batch = "contrasts", 2

    def __init__(self, *, lies: bool = False) -> None:
        self.lies = lies

    def run(self, batch: NDArray[np.uint8]) -> Output:
        cells = batch[..., 0].reshape(len(batch), CELLS, SIZE // CELLS, CELLS, SIZE // CELLS)
        maps = cells.std(axis=(2, 4)).astype(np.float32) / 100
        maps[:, 3:] = 0
        maps[:, :, 3:] = 0
        logits = maps.sum(axis=(1, 2)) - np.float32(1.5)
        return Output(logits, -maps if self.lies else maps, maps.reshape(len(batch), -1))


@pytest.fixture
def noise() -> Dataset:
    pixels = np.random.default_rng(1).integers(0, 256, size=(12, SIZE, SIZE, 3), dtype=np.uint8)
    examples = [Example(str(i), "", "real", "", "", "", "validation", SIZE, SIZE, "PNG", 0, "") for i in range(12)]
    return Dataset(examples, pixels, np.arange(12) % 2)


def test_a_map_that_names_what_counts_beats_other_orders(noise: Dataset) -> None:
    found = faithfulness.measure(Contrasts(), ENTRY, noise)

    assert found.n == 12
    for other in ("random", "centre"):
        assert found.deletion["map"].high < found.deletion[other].low
        assert found.insertion["map"].low > found.insertion[other].high


def test_a_map_that_lies_does_worse_than_chance(noise: Dataset) -> None:
    found = faithfulness.measure(Contrasts(lies=True), ENTRY, noise)

    assert found.deletion["map"].low > found.deletion["random"].high
    assert found.insertion["map"].high < found.insertion["random"].low
