"""What each part of a recipe brings: trained without it, or with another in its place, by several seeds.

python -m training.ablation --data DIR [--weights PATH|none] [--seeds N] [--arms ARM ...] [--out FOLDER]

The table goes to models/results/ablation.md after each run, and from there into the model card by `make report`. Runs
that the folder holds are not made again.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from detector import preprocess
from detector.preprocess import InputSpec
from training import acceleration, augment, branches, data, fitting, network, prepare, quantise, recipe
from training.data import Dataset
from training.recipe import Recipe
from training.train import WeightsMissing, find_weights

_TABLE = Path(__file__).resolve().parent.parent / "models" / "results" / "ablation.md"
_SIZE = 256  # of the images that windows are taken from
_PER_CLASS = 40  # validation images of a source
_ROUNDS = 100


@dataclass(frozen=True)
class Arm:
    """One change to the recipe; `whole` reduces images to the input's size in place of taking windows of them."""

    words: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    branch: str | None = None
    recropped: bool = True
    whole: bool = False


ARMS = {
    "base": Arm("as it is"),
    "stride-1": Arm("stem of stride 1 for 2", {"network": "mobilenet_stride_1"}),
    "whole": Arm("whole images reduced to 128 pixels for windows of 128", whole=True),
    "undegraded": Arm("no JPEG, WebP, blur, noise or resizing", {"augmentation": "undegraded"}),
    "last": Arm("the last weights for their moving average", {"average_decay": 0.0}),
    "hard": Arm("no label smoothing", {"label_smoothing": 0.0}),
    "mosaics": Arm("mosaics and rectangles of several images", {"mixing": "mosaics"}),
    "framed-apart": Arm("unsplash-stylegan2 not cut to the same face box", recropped=False),
    "frequency": Arm("a branch over DCT statistics beside the network", branch="frequency"),
    "residual": Arm("a branch over NPR residuals beside the network", branch="residual"),
}


@dataclass(frozen=True)
class Result:
    """AUC on validation images as they are and degraded, of one arm and seed."""

    clean: float
    degraded: float


class Laboratory:
    """Trains arms of a recipe on one folder of sources, whose images are read once for all of them."""

    def __init__(self, chosen: Recipe, folder: Path, weights: Path | None) -> None:
        self.recipe = chosen if weights else chosen.unfrozen()
        self.folder = folder
        self.weights = weights
        self.examples = [
            one for one in prepare.list_examples(folder) if chosen.trains_on(one.source, one.label, one.generator)
        ]
        validation = data.thin_out(data.load(folder, self.examples, ("validation",), InputSpec(_SIZE)), _PER_CLASS)
        self.validation = data.add_degraded(validation, chosen.seed)
        self.training: dict[bool, Dataset] = {}

    def run(self, arm: Arm, seed: int, folder: Path) -> Result:
        """Train one arm with one seed in a folder, or go on where it was interrupted, and measure its last epoch."""
        chosen = replace(self.recipe, seed=seed, **arm.changes)
        quick = acceleration.quicken(build(arm, chosen, self.weights), chosen)
        train = self._load(arm.recropped)
        if arm.whole:
            train = replace(train, pixels=_reduce(train.pixels, chosen.input_size))
        folder.mkdir(parents=True, exist_ok=True)
        fitting.fit(fitting.Run(chosen, quick, train, None, folder))
        view = _reduce if arm.whole else _take_middles
        logits = fitting.predict_logits(quick, view(self.validation.pixels, chosen.input_size))
        clean, degraded = (
            float(roc_auc_score(labels, part))
            for labels, part in zip(np.split(self.validation.labels, 2), np.split(logits, 2), strict=True)
        )
        return Result(clean, degraded)

    def _load(self, recropped: bool) -> Dataset:
        if recropped not in self.training:
            sources = self.recipe.recropped if recropped else ()
            self.training[recropped] = data.load(self.folder, self.examples, ("train",), InputSpec(_SIZE), sources)
        return self.training[recropped]


def build(arm: Arm, chosen: Recipe, weights: Path | None) -> keras.Model:
    model = network.build(chosen, weights)[1]
    return branches.add(arm.branch, chosen, model) if arm.branch else model


def _reduce(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.stack([preprocess.fit(image, InputSpec(size)) for image in pixels])


def _take_middles(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.stack([augment.take_window(image, size, None) for image in pixels])


def time_arms(chosen: Recipe, rounds: int = _ROUNDS) -> dict[str, float]:
    """Median seconds of one image on one thread of LiteRT in float32, in turns for all arms with a network of their
    own."""
    running = {}
    for name, arm in ARMS.items():
        if name != "base" and not arm.branch and "network" not in arm.changes:
            continue
        graph = quantise.convert(build(arm, replace(chosen, **arm.changes), None))
        running[name] = Interpreter(model_content=graph, num_threads=1)
        running[name].allocate_tensors()
    spent: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, interpreter in running.items():
            start = time.perf_counter()
            interpreter.invoke()
            spent[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in spent.items()}


def render(results: Mapping[str, Sequence[Result]], seconds: Mapping[str, float]) -> str:
    """A line for each arm as Markdown: the mean and the ends over its seeds, and its time as a part of the first."""
    lines = ["| instead | seeds | AUC | AUC, degraded | time of a forward pass |", "|---|---|---|---|---|"]
    for name, found in results.items():
        cells = [_tell([one.clean for one in found]), _tell([one.degraded for one in found])]
        share = seconds.get(name, seconds["base"]) / seconds["base"]
        lines.append(f"| {ARMS[name].words} | {len(found)} | {' | '.join(cells)} | {share:.2f} |")
    return "\n".join(lines)


def _tell(values: Sequence[float]) -> str:
    mean = f"{statistics.mean(values):.3f}"
    return f"{mean} ({min(values):.3f}-{max(values):.3f})" if len(values) > 1 else mean


def read(out: Path) -> dict[str, list[Result]]:
    """The finished runs of each arm that has any."""
    paths = {name: sorted((out / name).glob("*/result.json")) for name in ARMS}
    return {
        name: [Result(**json.loads(path.read_text(encoding="utf-8"))) for path in found]
        for name, found in paths.items()
        if found
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder of sources, each with real/ and fake/")
    parser.add_argument("--weights", help="ImageNet weights without top, or 'none'")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    given = parser.parse_args()
    chosen = recipe.find("windows")
    try:
        laboratory = Laboratory(chosen, given.data, find_weights(given.weights))
    except (WeightsMissing, ValueError) as error:
        sys.exit(f"ablation: {error}")
    seconds = time_arms(chosen)
    for seed in range(given.seeds):
        for name in given.arms:
            folder = given.out / name / str(seed)
            if not (folder / "result.json").exists():
                result = laboratory.run(ARMS[name], seed, folder)
                (folder / "result.json").write_text(json.dumps(asdict(result)), encoding="utf-8")
                keras.backend.clear_session()
            table = render(read(given.out), seconds)
            _TABLE.write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
