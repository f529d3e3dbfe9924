"""A recipe is trained on a folder {real,fake} and leaves a run folder with everything that explains it.

python -m training.train --recipe NAME --data DIR [--counterparts DIR] [--weights PATH|none] [--teacher BUNDLE]
    [--out runs] [--resume RUN]
"""

import argparse
import hashlib
import json
import os
import platform
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Literal, get_args

import keras

from detector import bundle
from detector.card import Summary
from detector.errors import DetectorError
from detector.preprocess import InputSpec
from training import acceleration, data, evaluate, export, feed, figures, fitting, network, paper_split, prepare, recipe
from training.counterparts.pairs import Pairs, open_pairs
from training.distillation import Teacher
from training.prepare import Example
from training.recipe import Recipe

Splits = Literal["groups", "paper"]

_ROOT = Path(__file__).resolve().parent.parent
_WEIGHTS = "weights/mobilenet_1_0_224_imagenet_no_top.h5"


class WeightsMissing(Exception):
    """The ImageNet weights that a recipe starts from are not there."""


def train(
    chosen: Recipe,
    data_folder: Path,
    weights: Path | None,
    run: Path,
    teacher: Teacher | None = None,
    counterparts: Path | None = None,
    cache: Path | None = None,
    splits: Splits = "groups",
) -> None:
    """Train, export, and evaluate on the test split once; a run folder that exists is continued. On another backend
    than TensorFlow, which has the converter, it ends with the training.

    `splits` by groups keeps people and videos together; as in the paper, images are drawn at random within each class,
    by the recipe's seed.

    Raises ValueError where the recipe has a share for a teacher and there is none, or the other way round, and where
    a split lacks a class.
    """
    if (teacher is not None) != chosen.needs_teacher:
        raise ValueError(
            f"The recipe {chosen.name} learns from another model: name its bundle with --teacher."
            if teacher is None
            else f"The recipe {chosen.name} learns from no other model: leave --teacher out."
        )
    if weights is None and teacher is None:
        chosen = chosen.unfrozen()
    examples = prepare.list_examples(data_folder)
    if splits == "paper":
        examples = paper_split.split_as_paper(examples, chosen.seed)
    wanted = [example for example in examples if chosen.trains_on(example.source, example.label, example.generator)]
    # Before the training, which takes hours: it is calibrated on the one and measured on the other.
    prepare.check_split(wanted, "train")
    if chosen.holds_out_validation:
        prepare.check_split(wanted, "validation")
    evaluate.check(examples, "test")
    run.mkdir(parents=True, exist_ok=True)
    _describe(chosen, data_folder, examples, weights, teacher, counterparts, run)
    spec = InputSpec(size=chosen.input_size)
    pairs = find_pairs(chosen, data_folder, examples, counterparts)
    fitted_on = data.load(data_folder, wanted, chosen.fit_splits, spec, chosen.recropped, chosen.framing, cache)
    fitted_on = replace(fitted_on, pairs=pairs)
    validation = (
        data.load(data_folder, wanted, ("validation",), spec, framing=chosen.framing, cache=cache)
        if chosen.holds_out_validation
        else None
    )
    backbone, model = network.build(chosen, weights)
    if teacher is not None:
        teacher.lend_weights(backbone, model)
    # A mixture's epoch is chosen on as many images of every source, clean and degraded.
    chooser = (
        data.add_degraded(data.thin_out(validation, 20), chosen.seed) if chosen.mixture and validation else validation
    )
    quick = build_quick(chosen, model)
    fits = fitting.Run(chosen, quick, fitted_on, chooser, run, teacher)
    if chosen.companion:
        beside = replace(chosen, name=f"{chosen.name}_companion", network=chosen.companion)
        its_backbone, other = network.build(beside, weights, "companion")
        fits = replace(fits, companion=acceleration.quicken(other, chosen))
    with feed.keep_busy(fitted_on, chosen) as batches:
        history = fitting.fit(replace(fits, feed=batches))
    if keras.config.backend() != "tensorflow":
        print(f"TensorFlow makes the files that serve: go on under it with --resume {run}")
        return
    origin = data_folder.name
    if fits.companion is not None:
        other.set_weights(fits.companion.get_weights())
        export.write_bundle(beside, its_backbone, other, fitted_on, None, origin=origin, folder=run / "companion")
    model.set_weights(quick.get_weights())
    figures.draw_curves(history, run / "curves.png")
    folder = run / "bundle"
    card = export.write_bundle(chosen, backbone, model, fitted_on, validation, origin=origin, folder=folder)
    report = evaluate.evaluate(folder, data_folder, "test", run, examples=examples)
    summaries = {
        name: Summary(report.split, measured.n, measured.accuracy, measured.auc)
        for name, measured in report.engines.items()
    }
    bundle.save(folder, replace(card, metrics=summaries))


def build_quick(chosen: Recipe, model: keras.Model) -> keras.Model:
    """The classifier that is trained in a model's place: quicker, and of any size where a stage shows windows."""
    if any(stage.window for stage in chosen.stages):
        _, flexible = network.build(chosen, None, any_size=True)
        flexible.set_weights(model.get_weights())
        model = flexible
    return acceleration.quicken(model, chosen)


def find_pairs(chosen: Recipe, data_folder: Path, examples: list[Example], counterparts: Path | None) -> Pairs | None:
    """The counterparts that a recipe trains on.

    Raises ValueError where it needs some and has none, or the other way round.
    """
    if chosen.needs_counterparts and counterparts is None:
        raise ValueError(
            f"The recipe {chosen.name} trains on counterparts: make them with python -m training.counterparts, and "
            "name their folder with --counterparts."
        )
    if counterparts is not None and not chosen.needs_counterparts:
        raise ValueError(f"The recipe {chosen.name} trains on no counterparts: leave --counterparts out.")
    return None if counterparts is None else open_pairs(data_folder, counterparts, examples)


def find_weights(given: str | None) -> Path | None:
    """The file to start from, None for `none`; raises WeightsMissing with the path that was tried."""
    if given == "none":
        return None
    assay_data = Path(os.environ.get("ASSAY_DATA", _ROOT.parent / "shared" / "data"))
    path = Path(given) if given else assay_data / _WEIGHTS
    if not path.is_file():
        raise WeightsMissing(
            f"No ImageNet weights at {path}. Give their file with --weights PATH (or the folder with ASSAY_DATA); "
            "--weights none starts from random weights and trains every layer."
        )
    return path


def _describe(
    chosen: Recipe,
    data_folder: Path,
    examples: list[Example],
    weights: Path | None,
    teacher: Teacher | None,
    counterparts: Path | None,
    run: Path,
) -> None:
    """config.json, manifest.csv and environment.txt, without a path of this machine; a refused run keeps its own."""
    manifest = run / "manifest.csv.new"
    prepare.write_manifest(examples, manifest)
    config = {
        "recipe": asdict(chosen),
        "data": data_folder.name,
        "images": len(examples),
        "manifest_sha256": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "weights": None if weights is None else weights.name,
        "weights_sha256": None if weights is None else hashlib.sha256(weights.read_bytes()).hexdigest(),
        "teacher": None if teacher is None else teacher.versions,
        "counterparts": {
            manifest.parent.name: hashlib.sha256(manifest.read_bytes()).hexdigest()
            for manifest in (sorted(counterparts.glob("*/manifest.csv")) if counterparts else ())
        },
    }
    text = json.dumps(config, indent=2) + "\n"
    if (run / "config.json").exists() and (run / "config.json").read_text(encoding="utf-8") != text:
        manifest.unlink()
        raise ValueError(f"{run} was begun with another recipe, data or weights. Start a new run.")
    manifest.replace(run / "manifest.csv")
    (run / "config.json").write_text(text, encoding="utf-8")
    packages = sorted(f"{package.name}=={package.version}" for package in metadata.distributions())
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    (run / "environment.txt").write_text("\n".join([system, *packages]) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", required=True, help="a file in training/configs, without .py")
    parser.add_argument("--data", type=Path, required=True, help="a folder with real/ and fake/")
    parser.add_argument("--counterparts", type=Path, metavar="DIR", help="where python -m training.counterparts wrote")
    parser.add_argument("--weights", help="ImageNet weights without top, or 'none'")
    parser.add_argument(
        "--teacher", type=Path, nargs="+", metavar="BUNDLE", help="what it learns from; the first lends weights"
    )
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where decoded pixels are kept for the next run")
    parser.add_argument("--split", choices=get_args(Splits), default="groups", help="by groups, or as the paper does")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="go on in this run folder")
    arguments = parser.parse_args()
    run = arguments.resume or arguments.out / f"{arguments.recipe}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    try:
        if arguments.resume and not arguments.resume.is_dir():
            raise ValueError(f"There is no run {arguments.resume} to go on with.")
        teacher = Teacher(arguments.teacher) if arguments.teacher else None
        weights = None if teacher else find_weights(arguments.weights)
        train(
            recipe.find(arguments.recipe),
            arguments.data,
            weights,
            run,
            teacher,
            arguments.counterparts,
            arguments.cache,
            arguments.split,
        )
    except (WeightsMissing, ModuleNotFoundError, ValueError, OSError, DetectorError) as error:
        sys.exit(f"train: {error}")
    except KeyboardInterrupt:
        sys.exit(f"train: interrupted. The same command with --resume {run} goes on after the last whole epoch.")
    print(f"The run is in {run}")


if __name__ == "__main__":
    main()
