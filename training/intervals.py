"""Counts and scores become figures: a value, its 95 % interval and the number of images behind it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta, rankdata

from detector.card import Interval

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_Z95 = 1.959963984540054
_RESAMPLES = 500
_SEED = 20


@dataclass(frozen=True)
class Figure(Interval):
    """An interval with the number of images it was measured on."""

    n: int


def share(hits: int, n: int) -> Figure:
    """hits / n with the Wilson score interval (Wilson 1927, JASA 22, 209-212)."""
    if n == 0:
        return Figure(0.0, 0.0, 1.0, 0)
    p = hits / n
    middle = (p + _Z95**2 / (2 * n)) / (1 + _Z95**2 / n)
    reach = _Z95 / (1 + _Z95**2 / n) * np.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n**2))
    return Figure(tidy(p), tidy(max(0.0, middle - reach)), tidy(min(1.0, middle + reach)), n)


def average(one: Figure, other: Figure) -> Figure:
    """The mean of two independent shares, with MOVER's interval (Zou and Donner 2008, Stat. Med. 27, 1693-1702)."""
    value = (one.value + other.value) / 2
    below = np.hypot(one.value - one.low, other.value - other.low) / 2
    above = np.hypot(one.high - one.value, other.high - other.value) / 2
    return Figure(tidy(value), tidy(value - below), tidy(value + above), one.n + other.n)


def mean(values: Floats) -> Interval:
    """Of so many independent values that their mean is normal."""
    middle, reach = float(values.mean()), _Z95 * float(values.std(ddof=1)) / len(values) ** 0.5
    return Interval(tidy(middle), tidy(middle - reach), tidy(middle + reach))


def bound_share(hits: int, n: int) -> float:
    """The one-sided 95 % upper bound of the share behind hits / n (Clopper and Pearson 1934, Biometrika 26, 404)."""
    return 1.0 if hits >= n else float(beta.ppf(0.95, hits + 1, n - hits))


def measure_auc(scores: Floats, labels: Labels) -> Figure:
    """Area under the ROC curve with DeLong's interval (Sun and Xu 2014, IEEE SPL 21(11), 1389-1393), or by the counts
    alone where every image stands alike towards the other class: DeLong's has no width then."""
    fakes, reals = scores[labels == 1], scores[labels == 0]
    ranks = rankdata(np.concatenate([fakes, reals]))
    above_reals = (ranks[: len(fakes)] - rankdata(fakes)) / len(reals)
    below_fakes = 1 - (ranks[len(fakes) :] - rankdata(reals)) / len(fakes)
    auc = float(above_reals.mean())
    # A class of one image says nothing about its spread: then the interval is that of the other class.
    variance = sum(part.var(ddof=1) / len(part) for part in (above_reals, below_fakes) if len(part) > 1)
    reach = _Z95 * np.sqrt(variance)
    low, high = max(0.0, auc - reach), min(1.0, auc + reach)
    if not variance:
        low, high = (_bound_auc(auc, len(fakes), len(reals)), 1 - _bound_auc(1 - auc, len(fakes), len(reals)))
    return Figure(tidy(auc), tidy(low), tidy(high), len(labels))


def _bound_auc(auc: float, fakes: int, reals: int) -> float:
    """The lower end of method 5 of Newcombe (2006, Stat. Med. 25, 559-573): the AUC from which this one is 1.96
    standard errors away."""
    if auc == 0:
        return 0.0
    spare = (fakes + reals) / 2 - 1

    def exceed(true: float) -> float:
        variance = true * (1 - true) * (1 + spare * ((1 - true) / (2 - true) + true / (1 + true))) / (fakes * reals)
        return float((auc - true) ** 2 - _Z95**2 * variance)

    return float(brentq(exceed, 0, min(auc, 1 - 1e-9)))


def resample(
    measure: Callable[[Floats, Labels], dict[str, float]], probabilities: Floats, labels: Labels
) -> dict[str, Figure]:
    """All figures of `measure` with percentile intervals of a seeded bootstrap, drawn within each class."""
    rng = np.random.default_rng(_SEED)
    classes = [np.flatnonzero(labels == label) for label in (0, 1)]
    draws: list[dict[str, float]] = []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate([rng.choice(images, size=len(images)) for images in classes if len(images)])
        draws.append(measure(probabilities[drawn], labels[drawn]))
    found = {}
    for name, value in measure(probabilities, labels).items():
        low, high = np.quantile([draw[name] for draw in draws], [0.025, 0.975])
        # A skewed figure of few images can lie outside the percentiles of its own resamples.
        found[name] = Figure(tidy(value), tidy(min(low, value)), tidy(max(high, value)), len(labels))
    return found


def plain(figure: Figure) -> Interval:
    """A figure without its n, for a card that gives n once."""
    return Interval(figure.value, figure.low, figure.high)


def tidy(value: float) -> float:
    # Six places: more than any n here supports, fewer than the last bits in which two machines differ.
    return round(float(value), 6)
