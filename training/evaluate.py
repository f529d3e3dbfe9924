"""A bundle is measured on a folder {real,fake}: every figure of its run, from the files that ship.

python -m training.evaluate --bundle DIR --data DIR [--split test] [--out DIR]
"""

import argparse
import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector import bundle
from detector.bundle import Card
from detector.verdict import judge
from training import data, export, figures, metrics, prepare
from training.data import Dataset
from training.metrics import Metrics
from training.recipe import Split

# The engine that serves is the one that is drawn and listed by class.
_DRAWN = "litert-int8"


@dataclass(frozen=True)
class Report:
    """What metrics.json holds; `agreement` is each engine's share of results equal to Keras' own."""

    recipe: str
    version: str
    trained_on: str
    data: str
    split: Split
    engines: dict[str, Metrics]
    agreement: dict[str, float]


def evaluate(bundle_folder: Path, data_folder: Path, split: Split, out: Path) -> Report:
    """Score the split with every engine of the bundle and write metrics, predictions, tables and figures."""
    card = bundle.load(bundle_folder).card
    dataset = data.load(data_folder, prepare.list_examples(data_folder), (split,), card.input)
    out.mkdir(parents=True, exist_ok=True)
    logits = {
        name: export.score(bundle_folder, name, dataset.pixels)
        for name in tqdm(card.engines, desc="score", unit="engine")
    }
    measured = {
        name: metrics.measure(logits[name], dataset.labels, engine.calibration, engine.thresholds)
        for name, engine in card.engines.items()
    }
    report = Report(
        recipe=card.recipe,
        version=card.version,
        trained_on=card.trained_on,
        data=data_folder.name,
        split=split,
        engines=measured,
        agreement=_compare(card, logits),
    )
    (out / "metrics.json").write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    _write_predictions(card, dataset, logits, out / "predictions.csv")
    _write_classes(measured, out / "per_class.csv")
    figures.draw_scores(logits[_DRAWN], dataset.labels, measured[_DRAWN], out)
    return report


def _compare(card: Card, logits: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    results = {
        name: np.array([judge(float(z), engine.calibration, engine.thresholds).result for z in logits[name]])
        for name, engine in card.engines.items()
    }
    return {name: round(float(np.mean(results[name] == results["keras"])), 6) for name in results}


def _write_predictions(card: Card, dataset: Dataset, logits: dict[str, NDArray[np.float64]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sha256", "label", "engine", "logit", "fake_probability", "verdict", "result"])
        for name, engine in card.engines.items():
            for example, logit in zip(dataset.examples, logits[name], strict=True):
                judged = judge(float(logit), engine.calibration, engine.thresholds)
                judgement = (f"{logit:.5f}", f"{judged.fake_probability:.5f}", judged.verdict, judged.result)
                writer.writerow([example.sha256, example.label, name, *judgement])


def _write_classes(measured: dict[str, Metrics], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["engine", "class", "precision", "recall", "f1", "n"])
        for name, figures_of_engine in measured.items():
            for label, row in figures_of_engine.per_class.items():
                writer.writerow([name, label, row["precision"], row["recall"], row["f1"], int(row["n"])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=get_args(Split), default="test")
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"))
    arguments = parser.parse_args()
    report = evaluate(arguments.bundle, arguments.data, arguments.split, arguments.out)
    for name, measured in report.engines.items():
        print(f"{name}: n {measured.n}, accuracy {measured.accuracy}, AUC {measured.auc}")


if __name__ == "__main__":
    main()
