"""Logits and labels become every figure of an engine, judged by its calibration and thresholds.

What the written reasons make of such verdicts as they are served, training.served measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_curve

from detector.card import EngineCard
from detector.verdict import Judgement, judge
from training import intervals
from training.intervals import Figure, Floats, Labels
from training.prepare import LABELS

_ALARM_RATES = (0.005, 0.01, 0.05)


@dataclass(frozen=True)
class Verdicts:
    """How often a verdict is definite (coverage) and how often such a verdict is wrong."""

    coverage: Figure
    error: Figure
    real_called_fake: Figure
    fake_called_real: Figure


@dataclass(frozen=True)
class Metrics:
    """One engine's figures on one split; confusion rows are truth, columns results, real before fake.

    `hits_at_alarms` is the share of fakes found where the named share of reals is called fake;
    `risk_coverage_area` the mean error over all shares of images answered, surest first.
    """

    n: int
    reals: int
    fakes: int
    accuracy: Figure
    balanced_accuracy: Figure
    auc: Figure
    average_precision: Figure
    equal_error_rate: Figure
    hits_at_alarms: dict[str, Figure]
    brier: Figure
    log_loss: Figure
    calibration_error: Figure
    risk_coverage_area: Figure
    confusion: list[list[int]]
    per_class: dict[str, dict[str, Figure]]
    verdicts: Verdicts


@dataclass(frozen=True)
class Rates:
    """The figures of a part of the images, a source or a degradation; None where a class is missing.

    `reals_right` and `fakes_right` are by the side of one half; `false_alarms`, `misses` and `hits` are definite
    verdicts, among reals, fakes and fakes.
    """

    reals: int
    fakes: int
    auc: Figure | None
    accuracy: Figure
    balanced_accuracy: Figure | None
    calibration_error: Figure
    coverage: Figure
    reals_right: Figure | None
    fakes_right: Figure | None
    false_alarms: Figure | None
    misses: Figure | None
    hits: Figure | None


def measure(logits: Floats, labels: Labels, engine: EngineCard) -> Metrics:
    """Judge logits (n,) by the score alone and compare with labels (n,), 1 is fake; raises ValueError for one class."""
    if set(labels.tolist()) != {0, 1}:
        raise ValueError("Figures of a whole split need images of both classes.")
    judgements = judge_all(logits, engine)
    probabilities, results = _probabilities(judgements), _results(judgements)
    fakes = int(np.sum(labels))
    resampled = intervals.resample(_measure_scores, probabilities, labels)
    confusion = [[int(np.sum((labels == row) & (results == column))) for column in (0, 1)] for row in (0, 1)]
    return Metrics(
        n=len(labels),
        reals=len(labels) - fakes,
        fakes=fakes,
        accuracy=intervals.share(int(np.sum(results == labels)), len(labels)),
        balanced_accuracy=resampled["balanced_accuracy"],
        auc=intervals.measure_auc(logits, labels),
        average_precision=resampled["average_precision"],
        equal_error_rate=resampled["equal_error_rate"],
        hits_at_alarms={str(rate): resampled[f"hits_at_{rate}"] for rate in _ALARM_RATES},
        brier=resampled["brier"],
        log_loss=resampled["log_loss"],
        calibration_error=resampled["calibration_error"],
        risk_coverage_area=resampled["risk_coverage_area"],
        confusion=confusion,
        per_class=_measure_classes(confusion, resampled),
        verdicts=measure_verdicts([judgement.verdict for judgement in judgements], labels),
    )


def measure_part(logits: Floats, labels: Labels, engine: EngineCard) -> Rates:
    """The figures of images that may all be of one class."""
    judgements = judge_all(logits, engine)
    probabilities, results = _probabilities(judgements), _results(judgements)
    verdicts = np.array([judgement.verdict for judgement in judgements])
    is_real, is_fake = labels == 0, labels == 1
    has_both = bool(is_real.any() and is_fake.any())
    calibration_error = intervals.resample(
        lambda scores, truth: {"": measure_calibration_error(scores, truth)}, probabilities, labels
    )[""]

    def count(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> Figure | None:
        return intervals.share(int(np.sum(hits & among)), int(np.sum(among))) if among.any() else None

    reals_right, fakes_right = count(results == 0, is_real), count(results == 1, is_fake)
    return Rates(
        reals=int(np.sum(is_real)),
        fakes=int(np.sum(is_fake)),
        auc=intervals.measure_auc(logits, labels) if has_both else None,
        accuracy=intervals.share(int(np.sum(results == labels)), len(labels)),
        balanced_accuracy=intervals.average(reals_right, fakes_right) if reals_right and fakes_right else None,
        calibration_error=calibration_error,
        coverage=intervals.share(int(np.sum(verdicts != "inconclusive")), len(labels)),
        reals_right=reals_right,
        fakes_right=fakes_right,
        false_alarms=count(verdicts == "fake", is_real),
        misses=count(verdicts == "real", is_fake),
        hits=count(verdicts == "fake", is_fake),
    )


def judge_all(logits: Floats, engine: EngineCard) -> list[Judgement]:
    return [judge(float(logit), engine.calibration, engine.thresholds) for logit in logits]


def measure_calibration_error(probabilities: Floats, labels: Labels, bins: int = 15) -> float:
    """Expected calibration error over bins of equally many images (Nguyen and O'Connor, arXiv 1508.05154)."""
    return sum(
        len(part) * abs(float(np.mean(probabilities[part])) - float(np.mean(labels[part])))
        for part in bin_equally(probabilities, bins)
    ) / len(labels)


def bin_equally(probabilities: Floats, bins: int = 15) -> list[NDArray[np.intp]]:
    """The images' places in bins of equally many, by rising probability."""
    order = np.argsort(probabilities, kind="stable")
    return [part for part in np.array_split(order, bins) if len(part)]


def trace_risk(probabilities: Floats, labels: Labels) -> Floats:
    """The error (n,) among the k surest images, k from 1 to n (El-Yaniv and Wiener 2010, JMLR 11, 1605-1641)."""
    surest_first = np.argsort(-np.abs(probabilities - 0.5), kind="stable")
    is_wrong = ((probabilities >= 0.5) != labels)[surest_first]
    risk: Floats = np.cumsum(is_wrong) / np.arange(1, len(labels) + 1)
    return risk


def _measure_scores(probabilities: Floats, labels: Labels) -> dict[str, float]:
    alarms, hits, _ = roc_curve(labels, probabilities, drop_intermediate=False)
    level = int(np.argmin(np.abs(alarms - (1 - hits))))
    real_recall, fake_recall = (np.mean((probabilities[labels == label] >= 0.5) == label) for label in (0, 1))
    _, _, f1, _ = precision_recall_fscore_support(labels, probabilities >= 0.5, labels=[0, 1], zero_division=0.0)
    likelihood = np.clip(np.where(labels == 1, probabilities, 1 - probabilities), 1e-15, 1)
    return {
        "balanced_accuracy": float(real_recall + fake_recall) / 2,
        "average_precision": float(average_precision_score(labels, probabilities)),
        "equal_error_rate": float(alarms[level] + 1 - hits[level]) / 2,
        **{f"hits_at_{rate}": float(hits[alarms <= rate].max()) for rate in _ALARM_RATES},
        "brier": float(np.mean((probabilities - labels) ** 2)),
        "log_loss": float(-np.mean(np.log(likelihood))),
        "calibration_error": measure_calibration_error(probabilities, labels),
        "risk_coverage_area": float(np.mean(trace_risk(probabilities, labels))),
        **{f"f1_{label}": float(value) for label, value in zip(LABELS, f1, strict=True)},
    }


def _measure_classes(confusion: list[list[int]], resampled: dict[str, Figure]) -> dict[str, dict[str, Figure]]:
    return {
        label: {
            "precision": intervals.share(confusion[row][row], confusion[0][row] + confusion[1][row]),
            "recall": intervals.share(confusion[row][row], sum(confusion[row])),
            "f1": resampled[f"f1_{label}"],
        }
        for row, label in enumerate(LABELS)
    }


def measure_verdicts(verdicts: Sequence[str], labels: Labels) -> Verdicts:
    """Of verdicts (n,) beside labels (n,), 1 is fake; only `fake` and `real` are definite."""
    found: NDArray[Any] = np.array(verdicts)
    false_alarms = int(np.sum((found == "fake") & (labels == 0)))
    misses = int(np.sum((found == "real") & (labels == 1)))
    definite = int(np.sum((found == "fake") | (found == "real")))
    return Verdicts(
        coverage=intervals.share(definite, len(labels)),
        error=intervals.share(false_alarms + misses, definite),
        real_called_fake=intervals.share(false_alarms, int(np.sum(labels == 0))),
        fake_called_real=intervals.share(misses, int(np.sum(labels == 1))),
    )


def _probabilities(judgements: list[Judgement]) -> Floats:
    return np.array([judgement.fake_probability for judgement in judgements])


def _results(judgements: list[Judgement]) -> Labels:
    return np.array([judgement.result == "FAKE" for judgement in judgements]).astype(np.int64)
