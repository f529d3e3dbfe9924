"""Histories and scores become PNG figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from training import calibration, intervals, metrics
from training.fitting import Epoch
from training.grid import Grid
from training.intervals import Figure as MeasuredFigure
from training.intervals import Floats, Labels
from training.metrics import Metrics
from training.prepare import LABELS
from training.results import Scored


def draw_curves(history: Sequence[Epoch], path: Path) -> None:
    """Loss and accuracy by epoch, validation beside training where there is one."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, 2)
    epochs = [line.epoch + 1 for line in history]
    for axis, measure in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, [getattr(line, measure) for line in history], marker=".", label="training (augmented)")
        validation = [getattr(line, f"validation_{measure}") for line in history]
        if validation[0] is not None:
            axis.plot(epochs, validation, marker=".", label="validation")
        _label(axis, "epoch", measure)
        axis.legend()
    figure.savefig(path, dpi=120)


def draw_scores(scored: Scored, measured: Metrics, folder: Path) -> None:
    """confusion, roc, pr, reliability and risk of the engine that serves."""
    labels = scored.dataset.labels
    probabilities = calibration.find_probabilities(scored.served, scored.engine.calibration)
    _draw_confusion(measured, folder / "confusion.png")
    false_alarms, hits, _ = roc_curve(labels, scored.served)
    title = f"area {_tell(measured.auc)}"
    _draw_line(false_alarms, hits, "false alarms among reals", "fakes found", title, folder / "roc.png")
    precision, recall, _ = precision_recall_curve(labels, scored.served)
    _draw_line(recall, precision, "recall", "precision", f"area {_tell(measured.average_precision)}", folder / "pr.png")
    _draw_reliability(probabilities, labels, measured, folder / "reliability.png")
    risk = metrics.trace_risk(probabilities, labels)
    shares = np.arange(1, len(risk) + 1) / len(risk)
    title = f"area {_tell(measured.risk_coverage_area)}"
    _draw_line(shares, risk, "share of images answered, surest first", "wrong among them", title, folder / "risk.png")


def draw_grid(grid: Grid, path: Path) -> None:
    """Accuracy and both classes' results under each degradation."""
    names = [name for name in grid.cells if not name.startswith("compound")]
    figure = Figure(figsize=(9, 0.26 * len(names) + 1.2), layout="constrained")
    axis = figure.subplots()
    rows = np.arange(len(names))
    for series, marker in (("accuracy", "o"), ("reals_right", "<"), ("fakes_right", ">")):
        shares = [getattr(grid.cells[name], series) for name in names]
        axis.errorbar(
            [share.value for share in shares],
            rows,
            xerr=[[share.value - share.low for share in shares], [share.high - share.value for share in shares]],
            fmt=marker,
            markersize=4,
            linewidth=0.8,
            label=series.replace("_", " "),
        )
    axis.set_yticks(rows, names)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1.01), xlabel="share right", title=f"n = {grid.n} in each row")
    axis.grid(alpha=0.3)
    axis.legend(loc="lower left")
    figure.savefig(path, dpi=120)


def _draw_reliability(probabilities: Floats, labels: Labels, measured: Metrics, path: Path) -> None:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    bins = metrics.bin_equally(probabilities)
    said = [float(np.mean(probabilities[part])) for part in bins]
    found = [intervals.share(int(np.sum(labels[part])), len(part)) for part in bins]
    reach = [[one.value - one.low for one in found], [one.high - one.value for one in found]]
    axis.errorbar(said, [one.value for one in found], yerr=reach, fmt="o", markersize=4)
    _label(axis, "fake probability said", "share of fakes found")
    axis.set(xlim=(0, 1), ylim=(0, 1.01), title=f"calibration error {_tell(measured.calibration_error)}")
    figure.savefig(path, dpi=120)


def _draw_confusion(measured: Metrics, path: Path) -> None:
    figure = Figure(figsize=(4, 4), layout="constrained")
    axis = figure.subplots()
    counts = np.array(measured.confusion)
    axis.imshow(counts, cmap="Blues", vmin=0)
    for row in (0, 1):
        for column in (0, 1):
            ink = "white" if counts[row, column] > counts.max() / 2 else "black"
            axis.text(column, row, str(counts[row, column]), ha="center", va="center", color=ink, fontsize=16)
    axis.set_xticks([0, 1], LABELS)
    axis.set_yticks([0, 1], LABELS)
    axis.set(xlabel="result", ylabel="truth", title=f"accuracy {measured.accuracy.value:.3f}, n = {measured.n}")
    figure.savefig(path, dpi=120)


def _draw_line(x: Floats, y: Floats, x_name: str, y_name: str, title: str, path: Path) -> None:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axis = figure.subplots()
    axis.plot(x, y)
    _label(axis, x_name, y_name)
    axis.set(xlim=(0, 1), ylim=(0, 1.01), title=title)
    figure.savefig(path, dpi=120)


def _tell(figure: MeasuredFigure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f}), n = {figure.n}"


def _label(axis: Axes, x_name: str, y_name: str) -> None:
    axis.set(xlabel=x_name, ylabel=y_name)
    axis.grid(alpha=0.3)
