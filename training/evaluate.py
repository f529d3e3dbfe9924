"""A bundle is measured on a folder of faces: every figure of its run, from the files that ship.

python -m training.evaluate --bundle DIR --data DIR [--split test] [--manifest FILE] [--out DIR]
    [--grid N | --quick]
"""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from detector import bundle
from detector.errors import DetectorError
from training import data, figures, gate, grid, metrics, page, prepare, recipe, results, scoring, slices
from training.metrics import Metrics, Rates
from training.prepare import Example
from training.recipe import Split
from training.results import Report, Scored

_GRID_IMAGES = 60


def evaluate(
    bundle_folder: Path,
    data_folder: Path,
    split: Split,
    out: Path,
    *,
    grid_images: int | None = None,
    examples: Sequence[Example] | None = None,
) -> Report:
    """Score the split with every engine of the bundle and write metrics, predictions, tables, figures and a page.

    `examples` are the folder's images in another split than by their groups, such as the paper's.

    At most `grid_images` of each source's class go through the robustness grid; with None, clean images alone are
    measured. Raises what `bundle.load` does, and ValueError for a folder or a split that nothing can be measured on.
    """
    card = bundle.load(bundle_folder).card
    examples = prepare.list_examples(data_folder) if examples is None else examples
    check(examples, split)
    dataset = data.load(data_folder, examples, (split,), card.input, framing=recipe.find_framing(card.recipe))
    logits = {
        name: scoring.score(scoring.open_engine(bundle_folder, name), dataset.pixels)
        for name in tqdm(card.engines, desc="score", unit="engine")
    }
    scored = Scored(bundle_folder, card, dataset, logits)
    report = _measure_clean(scored, data_folder.name, split)
    if grid_images is not None:
        report = _measure_further(report, scored.in_scope(), data_folder, grid_images, dataset.squares)
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    _write_predictions(scored, out / "predictions.csv")
    _write_classes(report.engines, out / "per_class.csv")
    figures.draw_scores(scored.in_scope(), report.engines[scoring.SERVES], out)
    if report.robustness is not None:
        figures.draw_grid(report.robustness, out / "robustness.png")
    page.write(report, scored, out)
    return report


def check(examples: Sequence[Example], split: Split) -> None:
    """Raise ValueError where a split lacks a class, not counting the fakes that nobody claims to find."""
    prepare.check_split([example for example in examples if results.is_in_scope(example)], split)


def _measure_clean(scored: Scored, folder_name: str, split: Split) -> Report:
    card, chosen = scored.card, scored.in_scope()
    return Report(
        recipe=card.recipe,
        version=card.version,
        trained_on=card.trained_on,
        data=folder_name,
        split=split,
        engines={
            name: metrics.measure(logits, chosen.dataset.labels, card.engines[name])
            for name, logits in chosen.logits.items()
        },
        agreement=_compare(chosen),
        sources=_measure_sources(scored),
        families=_measure_families(chosen),
        out_of_scope=sorted({one.source for one in scored.dataset.examples if not results.is_in_scope(one)}),
    )


def _measure_further(
    report: Report, scored: Scored, data_folder: Path, grid_images: int, squares: Mapping[str, int]
) -> Report:
    engine = scoring.open_engine(scored.folder, scoring.SERVES)
    examples, spec = scored.dataset.examples, scored.card.input
    framing = recipe.find_framing(scored.card.recipe)
    return replace(
        report,
        gate=gate.measure(scored.folder, scored.card, scored.dataset),
        robustness=grid.measure(engine, scored.engine, data_folder, examples, spec, framing, per_group=grid_images),
        slices=slices.measure(scored.dataset, scored.served, scored.engine, squares),
    )


def _compare(scored: Scored) -> dict[str, float]:
    found = {
        name: np.array([judgement.result for judgement in metrics.judge_all(logits, scored.card.engines[name])])
        for name, logits in scored.logits.items()
    }
    return {name: round(float(np.mean(found[name] == found["keras"])), 6) for name in found}


def _measure_sources(scored: Scored) -> dict[str, Rates]:
    found = np.array([example.source for example in scored.dataset.examples])
    return {source: _measure_part(scored, found == source) for source in sorted(set(found.tolist()))}


def _measure_families(scored: Scored) -> dict[str, Rates]:
    found = np.array([results.find_family(example) or "" for example in scored.dataset.examples])
    is_real = scored.dataset.labels == 0
    return {family: _measure_part(scored, is_real | (found == family)) for family in sorted(set(found.tolist()) - {""})}


def _measure_part(scored: Scored, chosen: NDArray[np.bool_]) -> Rates:
    return metrics.measure_part(scored.served[chosen], scored.dataset.labels[chosen], scored.engine)


def _write_predictions(scored: Scored, path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sha256", "label", "source", "engine", "logit", "fake_probability", "verdict", "result"])
        for name, logits in scored.logits.items():
            judged = metrics.judge_all(logits, scored.card.engines[name])
            for example, logit, one in zip(scored.dataset.examples, logits, judged, strict=True):
                judgement = (f"{logit:.5f}", f"{one.fake_probability:.5f}", one.verdict, one.result)
                writer.writerow([example.sha256, example.label, example.source, name, *judgement])


def _write_classes(measured: dict[str, Metrics], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["engine", "class", "precision", "recall", "f1", "n"])
        for name, of_engine in measured.items():
            for label, row in of_engine.per_class.items():
                writer.writerow(
                    [name, label, *(row[key].value for key in ("precision", "recall", "f1")), row["recall"].n]
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="{real,fake}, or a folder of such folders")
    parser.add_argument("--split", choices=get_args(Split), default="test")
    parser.add_argument("--manifest", type=Path, help="split as this manifest says, such as a run's")
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"))
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--grid", type=int, default=_GRID_IMAGES, help="images of each source's class in the grid")
    extent.add_argument("--quick", action="store_true", help="clean images alone: no grid, gate or slices")
    arguments = parser.parse_args()
    grid_images = None if arguments.quick else arguments.grid
    try:
        report = evaluate(
            arguments.bundle,
            arguments.data,
            arguments.split,
            arguments.out,
            grid_images=grid_images,
            examples=prepare.read_manifest(arguments.manifest) if arguments.manifest else None,
        )
    except (ValueError, OSError, DetectorError) as error:
        sys.exit(f"evaluate: {error}")
    for name, measured in report.engines.items():
        print(f"{name}: n {measured.n}, accuracy {measured.accuracy}, AUC {measured.auc}")
    print(f"The report is {arguments.out / 'report.html'}; it shows faces, so keep it to yourself.")


if __name__ == "__main__":
    main()
