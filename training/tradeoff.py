"""What accuracy costs: milliseconds and megabytes of bundles measured in turns on one machine, in a table and a plot.

python -m training.tradeoff BUNDLE BUNDLE ...

Each bundle's figures must have been published under models/results. Writes models/results/tradeoff.md and
docs/tradeoff.png; `make report` puts them into the model card.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Plot

from detector import bundle, engines
from detector.errors import DetectorError
from training import report, scoring, tables

_MODELS = Path(__file__).resolve().parent.parent / "models"
_ROUNDS = 200


@dataclass(frozen=True)
class Cost:
    """A bundle's serving engine: the median milliseconds of one image on one thread, and the size of its file."""

    recipe: str
    milliseconds: float
    megabytes: float


def measure(folders: Sequence[Path], rounds: int = _ROUNDS) -> list[Cost]:
    """Time all bundles in turns, so that what else the machine does hits them alike."""
    bundles = [bundle.load(folder) for folder in folders]
    running = [engines.start(one, scoring.SERVES, threads=1, pool=1) for one in bundles]
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (1, one.card.input.size, one.card.input.size, 3), np.uint8) for one in bundles]
    spent: list[list[float]] = [[] for _ in bundles]
    for _ in range(rounds):
        for engine, image, times in zip(running, images, spent, strict=True):
            start = time.perf_counter()
            engine.run(image)
            times.append(time.perf_counter() - start)
    return [
        Cost(
            one.card.recipe,
            round(1000 * statistics.median(times), 2),
            round((one.folder / one.card.engines[scoring.SERVES].file).stat().st_size / 1e6, 2),
        )
        for one, times in zip(bundles, spent, strict=True)
    ]


def add_accuracy(costs: Sequence[Cost], models: Path = _MODELS) -> list[dict[str, Any]]:
    """Each cost with the published figures of its recipe; raises ValueError where there are none."""
    published = {result["recipe"]: result for result in report.read_results(models)}
    if missing := [cost.recipe for cost in costs if cost.recipe not in published]:
        raise ValueError(f"Publish {', '.join(missing)} first: python -m training.report --publish RUN")
    lines = []
    for cost in costs:
        measured = published[cost.recipe]["engines"][scoring.SERVES]
        lines.append(asdict(cost) | {key: measured[key] for key in ("n", "accuracy", "auc")})
    return lines


def render(lines: Sequence[dict[str, Any]]) -> str:
    """A line for each bundle as Markdown; times as parts of the first, since machines differ."""
    rows = ["| recipe | time of a forward pass | file | accuracy | AUC |", "|---|---|---|---|---|"]
    rows += [
        f"| {line['recipe']} | {line['milliseconds'] / lines[0]['milliseconds']:.2f} | {line['megabytes']:.1f} MB "
        f"| {tables.tell(line['accuracy'])} | {tables.tell(line['auc'], 3)} |"
        for line in lines
    ]
    return "\n".join(rows)


def draw(lines: Sequence[dict[str, Any]], path: Path) -> None:
    """AUC against milliseconds, each file as large as its circle."""
    plot = Plot(figsize=(6, 4), layout="constrained")
    axis = plot.subplots()
    for line in lines:
        auc = line["auc"]
        reach = [[auc["value"] - auc["low"]], [auc["high"] - auc["value"]]]
        axis.errorbar(line["milliseconds"], auc["value"], yerr=reach, color="grey", linewidth=0.8)
        axis.scatter(line["milliseconds"], auc["value"], s=60 * line["megabytes"], alpha=0.6)
        name = f"{line['recipe']}, {line['megabytes']:.1f} MB"
        axis.annotate(name, (line["milliseconds"], auc["value"]), xytext=(10, 10), textcoords="offset points")
    longest = max(line["milliseconds"] for line in lines)
    axis.set(xlabel="milliseconds an image, one thread", ylabel="AUC on the test split", xlim=(0, 1.4 * longest))
    axis.grid(alpha=0.3)
    plot.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE")
    try:
        lines = add_accuracy(measure(parser.parse_args().bundles))
    except (ValueError, DetectorError) as error:
        sys.exit(f"tradeoff: {error}")
    (_MODELS / "results" / "tradeoff.md").write_text(render(lines) + "\n", encoding="utf-8")
    draw(lines, _MODELS.parent / "docs" / "tradeoff.png")
    print(render(lines))


if __name__ == "__main__":
    main()
