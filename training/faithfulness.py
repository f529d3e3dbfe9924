"""Whether a map names what moves the score: cells are blurred away, and brought back, in its order and in others."""

from typing import get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.card import CellOrder, EngineCard, Faithfulness, Interval
from detector.engines import Engine
from training import calibration, intervals
from training.data import Dataset

Pixels = NDArray[np.uint8]
Areas = dict[CellOrder, list[float]]

_MOST = 50  # of each class
_STEPS = 8
# In parts of the side: nothing that tells a generator is left of a picture blurred so, yet no edge is new.
_BLUR = 1 / 16


def measure(engine: Engine, entry: EngineCard, dataset: Dataset) -> Faithfulness:
    """Mean areas under the curves of deletion and insertion (Petsiuk et al., RISE, arXiv 1806.07421).

    A curve is the calibrated probability of the image's own result while the cells of the map are blurred in order,
    an eighth of them a step; or, for insertion, while a blurred image is given its cells back. A map that is right
    has less area than other orders for deletion, and more for insertion. Blurring also removes a generator's
    traces, so a fake may stop looking so wherever it is blurred: only the orders can be compared.
    """
    picked = np.concatenate([np.flatnonzero(dataset.labels == label)[:_MOST] for label in (0, 1)])
    random = np.random.default_rng(0)
    deletion: Areas = {order: [] for order in get_args(CellOrder)}
    insertion: Areas = {order: [] for order in get_args(CellOrder)}
    for place in picked:
        image = np.asarray(dataset.pixels[place])
        blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), _BLUR * len(image)), dtype=np.uint8)
        output = engine.run(image[None])
        is_fake = bool(calibration.find_probabilities(output.logits.astype(np.float64), entry.calibration)[0] >= 0.5)
        for order, ranks in _rank(output.maps[0] if is_fake else -output.maps[0], random).items():
            deletion[order].append(_measure_area(engine, entry, image, blurred, ranks, is_fake))
            insertion[order].append(_measure_area(engine, entry, blurred, image, ranks, is_fake))
    return Faithfulness(n=len(picked), deletion=_summarise(deletion), insertion=_summarise(insertion))


def _rank(support: NDArray[np.float32], random: np.random.Generator) -> dict[CellOrder, NDArray[np.int64]]:
    """The place of each cell in every order, 0 goes first."""
    rows, columns = support.shape
    off_centre = np.hypot(*np.ogrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j])
    keys: dict[CellOrder, NDArray[np.float64]] = {
        "map": -support.astype(np.float64),
        "random": random.random(support.shape),
        "centre": off_centre,
    }
    return {
        order: np.argsort(np.argsort(key, axis=None, kind="stable")).reshape(key.shape) for order, key in keys.items()
    }


def _measure_area(
    engine: Engine, entry: EngineCard, start: Pixels, end: Pixels, ranks: NDArray[np.int64], is_fake: bool
) -> float:
    """Under the result's probability while `start` becomes `end` cell by cell."""
    size = len(start)
    at = cv2.resize(ranks.astype(np.float32), (size, size), interpolation=cv2.INTER_NEAREST)[..., None]
    gone = np.linspace(0, ranks.size, _STEPS + 1)
    logits = engine.run(np.stack([np.where(at < limit, end, start) for limit in gone])).logits.astype(np.float64)
    fakes = calibration.find_probabilities(logits, entry.calibration)
    return float(np.trapezoid(fakes if is_fake else 1 - fakes, dx=1 / _STEPS))


def _summarise(areas: Areas) -> dict[CellOrder, Interval]:
    return {order: intervals.mean(np.array(values)) for order, values in areas.items()}
