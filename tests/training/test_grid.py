from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector import examination
from detector.card import EngineCard
from detector.explain import Output
from detector.preprocess import InputSpec
from detector.verdict import Calibration, Thresholds
from tests.detector import pictures
from tests.training.test_robustness import make_example
from training import grid, prepare
from training.grid import Grid

CARD = EngineCard("file", "hash", Calibration(1.0, 0.0), Thresholds(0.1, 0.9))


class Repeats:
    """An engine that calls fake whatever has the same pixel twice in a row more often than not."""

    name = "repeats"
    best_batch = 8

    def run(self, batch: NDArray[np.uint8]) -> Output:
        is_same = np.all(batch[:, :, 1::2] == batch[:, :, ::2], axis=-1)
        logits = (20 * is_same.mean(axis=(1, 2)) - 10).astype(np.float32)
        return Output(logits=logits, maps=np.zeros((len(batch), 1, 1), np.float32), pooled=logits[:, None])


@pytest.fixture(scope="module")
def measured(textures: Path) -> Grid:
    return grid.measure(Repeats(), CARD, textures, prepare.list_examples(textures), InputSpec(64), per_group=6)


def test_clean_images_are_as_they_are_and_degraded_ones_lose_what_gave_them_away(measured: Grid) -> None:
    clean, compressed = measured.cells["clean"], measured.cells["jpeg 30"]

    assert clean.accuracy.value == 1
    assert clean.auc is not None
    assert clean.auc.value == 1
    assert compressed.fakes_right is not None
    assert compressed.reals_right is not None
    assert (compressed.reals_right.value, compressed.fakes_right.value) == (1, 0)


def test_the_summary_is_of_the_cells(measured: Grid) -> None:
    compounds = [cell.accuracy.value for name, cell in measured.cells.items() if name.startswith("compound")]

    assert measured.n == 12
    assert len(compounds) == 40
    assert measured.compound_median_accuracy == pytest.approx(np.median(compounds), abs=1e-6)
    assert min(compounds) <= measured.compound_worst_decile_accuracy <= measured.compound_median_accuracy
    assert measured.mean_calibration_error > measured.cells["clean"].calibration_error.value


def test_of_a_frame_the_square_that_serving_cuts_is_degraded(shared_data: Path, tmp_path: Path) -> None:
    class Remembers(Repeats):
        first: NDArray[np.uint8] | None = None

        def run(self, batch: NDArray[np.uint8]) -> Output:
            self.first = batch.copy() if self.first is None else self.first
            return super().run(batch)

    heads = pictures.read_faces(shared_data / "faces" / "ffhq-stylegan" / "real", 2)
    examples = []
    for number, label in enumerate(prepare.LABELS):
        picture = pictures.lay_out([heads[number]], 300, (720, 1280))
        Image.fromarray(picture).save(tmp_path / f"{label}.png")
        examples.append(replace(make_example("0" * 64), label=label, width=1280, height=720, path=f"{label}.png"))
    engine, spec = Remembers(), InputSpec(64)

    grid.measure(engine, CARD, tmp_path, examples, spec, per_group=1)

    assert engine.first is not None  # the clean images come first
    for seen, example in zip(engine.first, examples, strict=True):
        assert np.array_equal(seen, examination.examine((tmp_path / example.path).read_bytes(), spec).pixels[0])
