"""Cross-fit a recipe over families of fakes: each family is scored by a model that never saw it.

python -m training.crossfit --recipe best --data DIR --counterparts DIR --out RUN [--weights PATH]

For each family of `training.sources.FAMILIES` the recipe is trained without its fakes, and without the photographs of
the sources that have photographs alone. The first stage, which sees no generator's fakes, is trained once and shared.
RUN/scores.csv has a line for each image that was scored; an interrupted run goes on with the same command.

| column | is |
|---|---|
| sha256, source, label, family, split | the image's |
| fold | the family that the scoring model was trained without |
| seen | 1 where that model trained on other images of its source and class |
| fake_probability | calibrated on validation images of what the fold trained on |
"""

import argparse
import importlib
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from detector.errors import DetectorError
from detector.preprocess import InputSpec
from training import calibration, data, fitting, network, prepare, recipe, sources, train
from training.data import Dataset
from training.prepare import Example
from training.recipe import Recipe, Split
from training.score_rows import ScoreRow, read_scores, write_scores

_MOST = 120  # images of a source's class and split that are scored
SPLITS: tuple[Split, ...] = ("validation", "test")


def crossfit(
    name: str, data_folder: Path, counterparts: Path, weights: Path | None, run: Path, cache: Path | None = None
) -> list[ScoreRow]:
    """Train every fold and score what it never saw, beside photographs that it did; each fold's scores are kept.

    Raises ValueError where the folder or the recipe is not usable for it.
    """
    whole = recipe.find(name)
    leave_out: Callable[[str, tuple[str, ...]], Recipe] = importlib.import_module(f"training.configs.{name}").leave_out
    examples = prepare.list_examples(data_folder)
    spec = InputSpec(size=whole.input_size)
    pairs = train.find_pairs(whole, data_folder, examples, counterparts)
    wanted = [one for one in examples if whole.trains_on(one.source, one.label, one.generator)]
    fitted_on = data.load(data_folder, wanted, whole.fit_splits, spec, whole.recropped, whole.framing, cache)
    # Photographs of the other sources, and their counterparts, are kept from every fold.
    fitted_on = replace(fitted_on, pairs=pairs.of_paired_sources if pairs else None)
    held_out = [
        one
        for split in SPLITS
        for one in prepare.take_some([example for example in examples if example.split == split], _MOST)
    ]
    scored = data.load(data_folder, held_out, SPLITS, spec, framing=whole.framing, cache=cache)
    first = replace(whole, name=f"{name}_first_stage", stages=whole.stages[:1])
    if not (run / "shared.done").is_file():
        fit_fold(first, fitted_on, weights, run / "shared")
        (run / "shared.done").touch()
    scores: list[ScoreRow] = []
    for family in sources.FAMILIES:
        folder = run / family
        if not (folder / "scores.csv").is_file():
            fold = leave_out(family, find_unpaired(examples))
            _share_first_stage(run / "shared", folder)
            model = fit_fold(fold, fitted_on, weights, folder)
            write_scores(score_fold(fold, family, model, scored), folder / "scores.csv")
        scores += read_scores(folder / "scores.csv")
    write_scores(scores, run / "scores.csv")
    return scores


def find_unpaired(examples: Sequence[Example]) -> tuple[str, ...]:
    """The known sources that have photographs and no fakes."""
    with_fakes = {one.source for one in examples if one.label == "fake"}
    return tuple(sorted({one.source for one in examples if one.label == "real"} - with_fakes))


def fit_fold(fold: Recipe, fitted_on: Dataset, weights: Path | None, folder: Path) -> keras.Model:
    """Train a fold's recipe to its last epoch; the model takes whole images."""
    folder.mkdir(parents=True, exist_ok=True)
    _, model = network.build(fold, weights)
    quick = train.build_quick(fold, model)
    fitting.fit(fitting.Run(fold, quick, fitted_on, None, folder))
    return quick


def _share_first_stage(shared: Path, folder: Path) -> None:
    """Begin a fold where the shared first stage ended, unless it is begun already."""
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.part")
        shutil.copytree(shared, partial, dirs_exist_ok=True)
        partial.rename(folder)


def score_fold(fold: Recipe, family: str, model: keras.Model, scored: Dataset) -> list[ScoreRow]:
    """Calibrate a fold on the validation images of what it trained on, and score its unseen images and photographs."""
    logits = fitting.predict_logits(model, scored.pixels)
    is_seen = np.array([fold.trains_on(one.source, one.label, one.generator) for one in scored.examples])
    is_validation = np.array([one.split == "validation" for one in scored.examples])
    fits = is_seen & is_validation
    weights = prepare.weigh([one for one, fit in zip(scored.examples, fits, strict=True) if fit], {})
    calibrated = calibration.fit(logits[fits], scored.labels[fits], weights)
    probabilities = calibration.find_probabilities(logits, calibrated)
    kept = np.flatnonzero([one.label == "real" or _find_family(one) == family for one in scored.examples])
    return [
        ScoreRow(
            sha256=one.sha256,
            source=one.source,
            label=one.label,
            family=_find_family(one),
            split=one.split,
            fold=family,
            fake_probability=float(probabilities[place]),
            is_seen=bool(is_seen[place]),
        )
        for place in kept.tolist()
        for one in [scored.examples[place]]
    ]


def _find_family(example: Example) -> str:
    return sources.find_family(example.source, example.label, example.generator) or ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="best", help="a file in training/configs with a leave_out, without .py")
    parser.add_argument("--data", type=Path, required=True, help="a folder of sources")
    parser.add_argument("--counterparts", type=Path, required=True, metavar="DIR")
    parser.add_argument("--weights", help="ImageNet weights without top, or 'none'")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where decoded pixels are kept for the next run")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN")
    arguments = parser.parse_args()
    try:
        weights = train.find_weights(arguments.weights)
        crossfit(arguments.recipe, arguments.data, arguments.counterparts, weights, arguments.out, arguments.cache)
    except (train.WeightsMissing, ModuleNotFoundError, AttributeError, ValueError, OSError, DetectorError) as error:
        sys.exit(f"crossfit: {error}")
    print(f"The scores are in {arguments.out / 'scores.csv'}")


if __name__ == "__main__":
    main()
