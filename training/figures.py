"""Histories and scores become PNG figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from training.fitting import Epoch
from training.metrics import Metrics
from training.prepare import LABELS


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


def draw_scores(logits: NDArray[np.float64], labels: NDArray[np.int64], measured: Metrics, folder: Path) -> None:
    """confusion.png, roc.png and pr.png of one engine."""
    _draw_confusion(measured, folder / "confusion.png")
    false_alarms, hits, _ = roc_curve(labels, logits)
    _draw_line(false_alarms, hits, "false alarms among reals", "fakes found", measured.auc.value, folder / "roc.png")
    precision, recall, _ = precision_recall_curve(labels, logits)
    _draw_line(recall, precision, "recall", "precision", measured.average_precision, folder / "pr.png")


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


def _draw_line(
    x: NDArray[np.float64], y: NDArray[np.float64], x_name: str, y_name: str, area: float, path: Path
) -> None:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axis = figure.subplots()
    axis.plot(x, y)
    _label(axis, x_name, y_name)
    axis.set(xlim=(0, 1), ylim=(0, 1.01), title=f"area {area:.4f}")
    figure.savefig(path, dpi=120)


def _label(axis: Axes, x_name: str, y_name: str) -> None:
    axis.set(xlabel=x_name, ylabel=y_name)
    axis.grid(alpha=0.3)
