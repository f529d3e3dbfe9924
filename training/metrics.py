"""Scores and labels become calibration, thresholds and figures with 95 % intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, precision_recall_fscore_support

from detector.bundle import Interval
from detector.verdict import Calibration, Thresholds, judge
from training.prepare import LABELS

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_Z95 = 1.959963984540054
# At most this share of either class may get a definite verdict of the other on validation.
_WRONG_SHARE = 0.02


@dataclass(frozen=True)
class Verdicts:
    """How often a verdict is definite (coverage) and how often such a verdict is wrong."""

    coverage: Interval
    error: Interval
    real_called_fake: Interval
    fake_called_real: Interval


@dataclass(frozen=True)
class Metrics:
    """One engine's figures on one split; confusion rows are truth, columns results, real before fake."""

    n: int
    accuracy: Interval
    auc: Interval
    average_precision: float
    brier: float
    log_loss: float
    calibration_error: float
    confusion: list[list[int]]
    per_class: dict[str, dict[str, float]]
    verdicts: Verdicts


def measure(logits: Floats, labels: Labels, calibration: Calibration, thresholds: Thresholds) -> Metrics:
    """Judge logits (n,) as serving does and compare with labels (n,), 1 is fake."""
    judgements = [judge(float(logit), calibration, thresholds) for logit in logits]
    probabilities = np.array([judgement.fake_probability for judgement in judgements])
    results = np.array([judgement.result == "FAKE" for judgement in judgements]).astype(np.int64)
    confusion = [[int(np.sum((labels == row) & (results == column))) for column in (0, 1)] for row in (0, 1)]
    return Metrics(
        n=len(labels),
        accuracy=share(int(np.sum(results == labels)), len(labels)),
        auc=measure_auc(logits, labels),
        average_precision=_tidy(average_precision_score(labels, logits)),
        brier=_tidy(brier_score_loss(labels, probabilities)),
        log_loss=_tidy(log_loss(labels, probabilities)),
        calibration_error=_tidy(measure_calibration_error(probabilities, labels)),
        confusion=confusion,
        per_class=_measure_classes(labels, results),
        verdicts=_measure_verdicts(np.array([judgement.verdict for judgement in judgements]), labels),
    )


def calibrate(logits: Floats, labels: Labels) -> Calibration:
    """Fit temperature and bias by least log loss (Platt scaling; Guo et al., arXiv 1706.04599)."""

    def loss_and_slope(parameters: Floats) -> tuple[float, Floats]:
        scale, bias = parameters
        z = scale * logits + bias
        residual = 1 / (1 + np.exp(-np.clip(z, -500, 500))) - labels
        loss = np.mean(np.logaddexp(0, z) - labels * z)
        return float(loss), np.array([np.mean(residual * logits), np.mean(residual)])

    # The lower bound keeps the order of scores; the upper one ends the fit where classes separate cleanly.
    found = minimize(loss_and_slope, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20), (-20, 20)])
    scale, bias = found.x
    return Calibration(temperature=_tidy(1 / scale), bias=_tidy(bias))


def choose_thresholds(probabilities: Floats, labels: Labels) -> Thresholds:
    """The widest definite bands in which at most 2 % of either class go wrong, never past one half."""
    reals, fakes = np.sort(probabilities[labels == 0]), np.sort(probabilities[labels == 1])
    # The (k+1)-th wrong one from the outside must lie in the undecided band, k being the most allowed.
    highest_real = reals[len(reals) - 1 - int(_WRONG_SHARE * len(reals))]
    lowest_fake = fakes[int(_WRONG_SHARE * len(fakes))]
    return Thresholds(real_below=min(0.5, float(lowest_fake)), fake_from=max(0.5, float(np.nextafter(highest_real, 2))))


def share(hits: int, n: int) -> Interval:
    """hits / n with the Wilson score interval (Wilson 1927, JASA 22, 209-212)."""
    if n == 0:
        return Interval(0.0, 0.0, 1.0)
    p = hits / n
    middle = (p + _Z95**2 / (2 * n)) / (1 + _Z95**2 / n)
    reach = _Z95 / (1 + _Z95**2 / n) * np.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n**2))
    return Interval(_tidy(p), _tidy(max(0.0, middle - reach)), _tidy(min(1.0, middle + reach)))


def measure_auc(scores: Floats, labels: Labels) -> Interval:
    """Area under the ROC curve with DeLong's interval (Sun and Xu 2014, IEEE SPL 21(11), 1389-1393)."""
    fakes, reals = scores[labels == 1], scores[labels == 0]
    ranks = rankdata(np.concatenate([fakes, reals]))
    above_reals = (ranks[: len(fakes)] - rankdata(fakes)) / len(reals)
    below_fakes = 1 - (ranks[len(fakes) :] - rankdata(reals)) / len(fakes)
    auc = float(above_reals.mean())
    deviation = np.sqrt(above_reals.var(ddof=1) / len(fakes) + below_fakes.var(ddof=1) / len(reals))
    return Interval(_tidy(auc), _tidy(max(0.0, auc - _Z95 * deviation)), _tidy(min(1.0, auc + _Z95 * deviation)))


def measure_calibration_error(probabilities: Floats, labels: Labels, bins: int = 15) -> float:
    """Expected calibration error over bins of equally many images (Nguyen and O'Connor, arXiv 1508.05154)."""
    order = np.argsort(probabilities, kind="stable")
    gaps = [
        len(part) * abs(float(np.mean(probabilities[part])) - float(np.mean(labels[part])))
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return sum(gaps) / len(labels)


def _measure_classes(labels: Labels, results: Labels) -> dict[str, dict[str, float]]:
    columns = precision_recall_fscore_support(labels, results, labels=[0, 1], zero_division=0.0)
    names = ("precision", "recall", "f1", "n")
    return {
        label: {name: _tidy(column[row]) for name, column in zip(names, columns, strict=True)}
        for row, label in enumerate(LABELS)
    }


def _measure_verdicts(verdicts: NDArray[Any], labels: Labels) -> Verdicts:
    false_alarms = int(np.sum((verdicts == "fake") & (labels == 0)))
    misses = int(np.sum((verdicts == "real") & (labels == 1)))
    definite = int(np.sum(verdicts != "inconclusive"))
    return Verdicts(
        coverage=share(definite, len(labels)),
        error=share(false_alarms + misses, definite),
        real_called_fake=share(false_alarms, int(np.sum(labels == 0))),
        fake_called_real=share(misses, int(np.sum(labels == 1))),
    )


def _tidy(value: float) -> float:
    # Six places: more than any n here supports, fewer than the last bits in which two machines differ.
    return round(float(value), 6)
