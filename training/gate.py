"""Whether int8 may stand in for float32: what it loses on clean, compressed and halved images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector.card import Card, EngineCard
from training import calibration, intervals, robustness, scoring
from training.data import Dataset
from training.intervals import Figure, Floats, Labels

_AUC_LOSS_LIMIT = 0.002
_ACCURACY_LOSS_LIMIT = 0.005
_AGREEMENT_LIMIT = 0.99
_VIEWS = (robustness.CLEAN, "jpeg 50", "resize 0.5")
_SMALL, _WHOLE = "litert-int8", "litert-float32"


@dataclass(frozen=True)
class View:
    """What int8 loses against float32 on one state of the images; a gain is negative."""

    auc_loss: float
    accuracy_loss: float
    agreement: Figure
    passed: bool


@dataclass(frozen=True)
class Gate:
    """The views and whether all of them keep the limits."""

    n: int
    auc_loss_limit: float
    accuracy_loss_limit: float
    agreement_limit: float
    views: dict[str, View]
    passed: bool


def measure(folder: Path, card: Card, dataset: Dataset) -> Gate:
    """Hold the bundle's int8 engine against its float32 engine, each under its own calibration."""
    small, whole = (scoring.open_engine(folder, name) for name in (_SMALL, _WHOLE))
    views = {}
    for name in _VIEWS:
        pixels = robustness.degrade(name, dataset, card.input)
        logits = scoring.score(small, pixels), scoring.score(whole, pixels)
        views[name] = compare(*logits, dataset.labels, card.engines[_SMALL], card.engines[_WHOLE])
    return Gate(
        n=len(dataset),
        auc_loss_limit=_AUC_LOSS_LIMIT,
        accuracy_loss_limit=_ACCURACY_LOSS_LIMIT,
        agreement_limit=_AGREEMENT_LIMIT,
        views=views,
        passed=all(view.passed for view in views.values()),
    )


def compare(small: Floats, whole: Floats, labels: Labels, small_card: EngineCard, whole_card: EngineCard) -> View:
    """Logits (n,) of the two engines on the same images."""
    aucs = [intervals.measure_auc(logits, labels).value for logits in (small, whole)]
    is_fake = [
        calibration.find_probabilities(logits, card.calibration) >= 0.5
        for logits, card in ((small, small_card), (whole, whole_card))
    ]
    accuracies = [float(np.mean(results == labels)) for results in is_fake]
    auc_loss, accuracy_loss = aucs[1] - aucs[0], accuracies[1] - accuracies[0]
    agreement = intervals.share(int(np.sum(is_fake[0] == is_fake[1])), len(labels))
    return View(
        auc_loss=intervals.tidy(auc_loss),
        accuracy_loss=intervals.tidy(accuracy_loss),
        agreement=agreement,
        passed=(
            auc_loss <= _AUC_LOSS_LIMIT
            and accuracy_loss <= _ACCURACY_LOSS_LIMIT
            and agreement.value >= _AGREEMENT_LIMIT
        ),
    )
