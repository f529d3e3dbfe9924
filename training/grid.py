"""The robustness grid: the same images under every degradation, through the engine that serves."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector.card import EngineCard
from detector.engines import Engine
from detector.preprocess import InputSpec
from training import data, intervals, metrics, prepare, robustness, scoring
from training.intervals import Floats
from training.metrics import Rates
from training.prepare import LABELS, Example
from training.recipe import Framing

_CHUNK = 64


@dataclass(frozen=True)
class Grid:
    """Figures by degradation, clean first; n images, at most `per_group` of each source's class."""

    n: int
    per_group: int
    cells: dict[str, Rates]
    mean_calibration_error: float
    compound_median_accuracy: float
    compound_worst_decile_accuracy: float


def measure(
    engine: Engine,
    card: EngineCard,
    folder: Path,
    examples: Sequence[Example],
    spec: InputSpec,
    framing: Framing = "whole",
    *,
    per_group: int,
) -> Grid:
    """Degrade the decoded files, not the model's pixels, since that is what happens to files; of a frame or a large
    photograph the square that serving cuts."""
    chosen = prepare.take_some(examples, per_group)
    labels = np.array([LABELS.index(example.label) for example in chosen], dtype=np.int64)
    logits = _score(engine, folder, chosen, spec, framing)
    cells = {name: metrics.measure_part(logits[name], labels, card) for name in logits}
    return summarise(cells, len(chosen), per_group)


def summarise(cells: dict[str, Rates], n: int, per_group: int) -> Grid:
    compounds = [cells[name].accuracy.value for name in robustness.COMPOUNDS]
    errors = [cell.calibration_error.value for name, cell in cells.items() if name != robustness.CLEAN]
    return Grid(
        n=n,
        per_group=per_group,
        cells=cells,
        mean_calibration_error=intervals.tidy(float(np.mean(errors))),
        compound_median_accuracy=intervals.tidy(float(np.median(compounds))),
        compound_worst_decile_accuracy=intervals.tidy(float(np.quantile(compounds, 0.1))),
    )


def _score(
    engine: Engine, folder: Path, examples: Sequence[Example], spec: InputSpec, framing: Framing
) -> dict[str, Floats]:
    names = (robustness.CLEAN, *robustness.GRID)
    parts: dict[str, list[Floats]] = {name: [] for name in names}
    with ThreadPoolExecutor() as pool, tqdm(total=len(examples) * len(names), desc="grid", unit="image") as bar:
        for start in range(0, len(examples), _CHUNK):
            chunk = examples[start : start + _CHUNK]
            images = list(pool.map(partial(data.cut_out, folder, spec=spec, framing=framing), chunk))
            for name in names:
                views = pool.map(partial(_view, name, spec), images, chunk)
                parts[name].append(scoring.score(engine, np.stack(list(views))))
                bar.update(len(chunk))
    return {name: np.concatenate(logits) for name, logits in parts.items()}


def _view(name: str, spec: InputSpec, image: NDArray[np.uint8], example: Example) -> NDArray[np.uint8]:
    return robustness.view(name, image, example.sha256, spec)
