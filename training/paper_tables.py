"""Make the paper's tables I to IV and figures 1 to 3 anew from runs on its data set, the paper's own figures beside.

python -m training.paper_tables PAPER_RUN [RUN ...] [--out models/results/paper_tables.md] [--figures docs]

Tables: the network (I), its training (II), precision, recall and F1 of each class (III), the confusion matrix (IV).
Figures, of the first run: learning curves, confusion matrix and ROC curve, as DIR/paper-NAME.png.
"""

import argparse
import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import network, recipe, scoring, tables
from training.recipe import Recipe

FIGURES = ("curves", "confusion", "roc")

# Its confusion matrix, which adds up to 95.4 % of 3,800 images; its text says 96.1 % and AUC 0.991.
_PAPER = [[1821, 79], [94, 1806]]


@dataclass(frozen=True)
class PaperRun:
    """A finished run folder: its recipe, the engine's metrics that serve, and how many images each split holds."""

    recipe: Recipe
    measured: dict[str, Any]
    splits: Counter[str]


def read_run(folder: Path) -> PaperRun:
    """Read a run folder; raises OSError where a file lacks, ModuleNotFoundError for an unknown recipe."""
    result = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        splits = Counter(row["split"] for row in csv.DictReader(file))
    return PaperRun(recipe.find(result["recipe"]), result["engines"][scoring.SERVES], splits)


def render(runs: Sequence[PaperRun]) -> str:
    """The four tables as Markdown, a column for each run."""
    head = [run.recipe.name for run in runs]
    return "\n\n".join(
        [
            "**I. Network**\n\n" + _render_settings(head, runs, _NETWORK),
            "**II. Training**\n\n" + _render_settings(head, runs, _TRAINING),
            "**III. Each class**\n\n" + _render_classes(head, runs),
            "**IV. Confusion matrix**\n\n" + _render_confusions(head, runs),
        ]
    )


def _render_settings(head: list[str], runs: Sequence[PaperRun], rows: dict[str, Callable[[PaperRun], str]]) -> str:
    lines = [_row(["", *head]), "|---" * (len(head) + 1) + "|"]
    return "\n".join([*lines, *(_row([name, *(tell(run) for run in runs)]) for name, tell in rows.items())])


def _render_classes(head: list[str], runs: Sequence[PaperRun]) -> str:
    lines = [_row(["class", "", "the paper", *head]), "|---" * (len(head) + 3) + "|"]
    for place, label in enumerate(("real", "fake")):
        hits, called = _PAPER[place][place], sum(row[place] for row in _PAPER)
        paper = {"precision": hits / called, "recall": hits / sum(_PAPER[place])}
        paper["f1"] = 2 * hits / (called + sum(_PAPER[place]))
        for key, value in paper.items():
            cells = [tables.tell(run.measured["per_class"][label][key], 3) for run in runs]
            lines.append(_row([label, key, f"{value:.3f}", *cells]))
    accuracy = sum(_PAPER[place][place] for place in (0, 1)) / sum(map(sum, _PAPER))
    lines.append(
        _row(["both", "accuracy", f"{accuracy:.3f}", *(tables.tell(run.measured["accuracy"], 3) for run in runs)])
    )
    lines.append(_row(["both", "AUC", "0.991", *(tables.tell(run.measured["auc"], 3) for run in runs)]))
    return "\n".join(lines)


def _render_confusions(head: list[str], runs: Sequence[PaperRun]) -> str:
    lines = [_row(["truth", "called", "the paper", *head]), "|---" * (len(head) + 3) + "|"]
    for row, truth in enumerate(("real", "fake")):
        for column, called in enumerate(("real", "fake")):
            counts = [_PAPER, *(run.measured["confusion"] for run in runs)]
            lines.append(_row([truth, called, *(f"{matrix[row][column]:,}" for matrix in counts)]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _tell_parameters(run: PaperRun) -> str:
    backbone, model = network.build(run.recipe, None)
    frozen = 0 if run.recipe.tunes_backbone else backbone.count_params()
    return f"{model.count_params():,}, of these frozen {frozen:,}"


def _tell_stages(run: PaperRun, tell: Callable[[recipe.Stage], str]) -> str:
    return ", then ".join(dict.fromkeys(tell(stage) for stage in run.recipe.stages))


def _tell_split(run: PaperRun) -> str:
    fitted = sum(run.splits[split] for split in run.recipe.fit_splits)
    held_out = run.splits["validation"] if run.recipe.holds_out_validation else 0
    return f"{fitted:,} / {held_out:,} / {run.splits['test']:,}"


_NETWORK: dict[str, Callable[[PaperRun], str]] = {
    "network": lambda run: run.recipe.network,
    "input": lambda run: f"{run.recipe.input_size} x {run.recipe.input_size} x 3",
    "input scale": lambda run: {"unit": "[0, 1]", "signed": "[-1, 1]"}[run.recipe.scaling],
    "head": lambda run: {
        "dense": f"mean, dense 128 ReLU, dropout {run.recipe.dropout:g}, dense 2 softmax",
        "linear": f"mean, dropout {run.recipe.dropout:g}, dense 1",
    }[run.recipe.head],
    "parameters": _tell_parameters,
}
_TRAINING: dict[str, Callable[[PaperRun], str]] = {
    "images trained on / to choose the epoch / tested": _tell_split,
    "batch": lambda run: str(run.recipe.batch_size),
    "epochs": lambda run: " + ".join(str(stage.epochs) for stage in run.recipe.stages),
    "layers trained": lambda run: _tell_stages(run, lambda stage: "all" if stage.trains_backbone else "the head"),
    "learning rate": lambda run: _tell_stages(run, lambda stage: f"{stage.learning_rate:g}, {stage.schedule}"),
    "augmentation": lambda run: run.recipe.augmentation.replace("_", " "),
    "mixing": lambda run: run.recipe.mixing,
    "seed": lambda run: str(run.recipe.seed),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folders, the paper's recipe first")
    parser.add_argument("--out", type=Path, default=Path("models/results/paper_tables.md"))
    parser.add_argument("--figures", type=Path, default=Path("docs"), metavar="DIR")
    arguments = parser.parse_args()
    try:
        text = render([read_run(run) for run in arguments.runs])
        arguments.out.write_text(text + "\n", encoding="utf-8")
        for name in FIGURES:
            shutil.copyfile(arguments.runs[0] / f"{name}.png", arguments.figures / f"paper-{name}.png")
    except (ModuleNotFoundError, ValueError, OSError) as error:
        sys.exit(f"paper_tables: {error}")
    print(text)


if __name__ == "__main__":
    main()
