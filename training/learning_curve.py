"""What more images would bring: a recipe trained on a quarter, a half, three quarters and all of its own.

python -m training.learning_curve --recipe NAME --data DIR [--weights PATH] [--epochs N] [--out FOLDER]

The table goes to models/results/learning_curves, one for each folder of data, and from there into the model card by
`make report`. Each is trained for as many batches as the whole for N epochs, and measured on all validation images, by
which its epoch is chosen too. A folder that exists is continued.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from detector.preprocess import InputSpec
from training import acceleration, data, fitting, intervals, network, prepare, recipe, tables
from training.data import Dataset
from training.intervals import Figure
from training.recipe import Recipe
from training.train import WeightsMissing, find_weights

_TABLES = Path(__file__).resolve().parent.parent / "models" / "results" / "learning_curves"
SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Point:
    """A model trained on `images` of the data, by its validation images."""

    images: int
    auc: Figure
    accuracy: Figure


def trace(chosen: Recipe, data_folder: Path, weights: Path | None, epochs: int, out: Path) -> list[Point]:
    """Train on each of SHARES, the smaller part of the larger; raises ValueError where the recipe takes a mixture."""
    if chosen.mixture is not None:
        raise ValueError(f"{chosen.name} mixes sources; a learning curve is of a recipe that shows each image once.")
    chosen = chosen if weights else chosen.unfrozen()
    spec, examples = InputSpec(chosen.input_size), prepare.list_examples(data_folder)
    train = data.load(data_folder, examples, ("train",), spec)
    validation = data.load(data_folder, examples, ("validation",), spec)
    points = []
    for share in SHARES:
        part = _take(train, share)
        shortened = _stretch(chosen, epochs, len(train) / len(part))
        _, model = network.build(shortened, weights)
        quick = acceleration.quicken(model, shortened)
        folder = out / f"{100 * share:.0f}"
        folder.mkdir(parents=True, exist_ok=True)
        fitting.fit(fitting.Run(shortened, quick, part, validation, folder))
        logits = fitting.predict_logits(quick, validation.pixels)
        right = int(((logits >= 0) == validation.labels).sum())
        auc = intervals.measure_auc(logits, validation.labels)
        points.append(Point(len(part), auc, intervals.share(right, len(validation))))
    return points


def _take(train: Dataset, share: float) -> Dataset:
    limit = share * prepare.TRAIN_SHARE
    kept = [n for n, example in enumerate(train.examples) if prepare.place_of(example.group) < limit]
    return Dataset([train.examples[n] for n in kept], train.pixels[kept], train.labels[kept])


def _stretch(chosen: Recipe, epochs: int, times: float) -> Recipe:
    """The last stage lasts `epochs` of all images, however often these show the part."""
    *first, last = chosen.stages
    return replace(chosen, stages=(*first, replace(last, epochs=round(epochs * times))))


def render(points: Sequence[Point]) -> str:
    """A line for each as Markdown."""
    lines = ["| images trained on | validation AUC | validation accuracy |", "|---|---|---|"]
    lines += [
        f"| {point.images:,} | {tables.tell(asdict(point.auc), 3)} | {tables.tell(asdict(point.accuracy))} |"
        for point in points
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--data", type=Path, required=True, help="a folder with real/ and fake/")
    parser.add_argument("--weights", help="ImageNet weights without top, or 'none'")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, help="runs/learning-curve/DATA where not given")
    given = parser.parse_args(arguments)
    out = given.out or Path("runs/learning-curve") / given.data.name
    try:
        points = trace(recipe.find(given.recipe), given.data, find_weights(given.weights), given.epochs, out)
    except (WeightsMissing, ModuleNotFoundError, ValueError, OSError) as error:
        sys.exit(f"learning_curve: {error}")
    words = f"`{given.recipe}` on `{given.data.name}`, as many batches each as {given.epochs} epochs of all its images:"
    text = f"{words}\n\n{render(points)}\n"
    _TABLES.mkdir(exist_ok=True)
    (_TABLES / f"{given.data.name}.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
