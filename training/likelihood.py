"""Fit a strength scale: likelihood ratios of scores, with 95 % intervals, in bands that rise with the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from detector.strength import LikelihoodRatio, StrengthBand
from training.intervals import Floats, Labels

# The standard error of a count of 10 is a third of it; pool-adjacent-violators alone ends in bands of one image or of
# one class, which overfit (Morrison, Forensic Science International: Synergy 3, 2021, 100157).
_LEAST_OF_EACH = 10
# Few enough for a table that is read; the closest neighbours go together first.
_MOST_BANDS = 12


@dataclass(frozen=True)
class _Class:
    """The scores of one class, sorted, an array for each source."""

    scores: tuple[Floats, ...]

    def count(self, low: float, high: float) -> NDArray[np.int64]:
        """Images of each source from `low` to under `high`."""
        return np.array([np.searchsorted(one, high) - np.searchsorted(one, low) for one in self.scores])

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.array([len(one) for one in self.scores])


def fit_strength_scale(fake_probabilities: Floats, labels: Labels, sources: Sequence[str]) -> tuple[StrengthBand, ...]:
    """Fit the likelihood ratios of calibrated fake probabilities (n,) of faces that the model did not train on.

    Labels are 1 for synthetic faces; `sources` (n,) names the source, or the family, of each face. Each source weighs
    the same within its class. The bands are those of pool-adjacent-violators (Ayer et al., Ann. Math. Stat. 26, 1955,
    641-647), joined with the closer neighbour until each holds 10 faces of both classes, where its side of a ratio of
    one has so many, and there are at most 12.
    Raises ValueError with fewer than two sources of a class: how much sources differ cannot be told from one.
    """
    # So many places are kept that two machines agree on; ties stay in one band.
    scores = fake_probabilities.astype(np.float64).round(6)
    names = np.asarray(sources)
    fakes, reals = (_split_sources(scores[labels == label], names[labels == label]) for label in (1, 0))
    edges = _join_bands(_pool_violators(scores, _weigh(labels, names), labels), fakes, reals)
    bands = list(pairwise(edges))
    ratios = [_measure_ratio(fakes, reals, low, high) for low, high in bands]
    return tuple(
        StrengthBand(low, min(high, 1.0), ratio, int(fakes.count(low, high).sum()), int(reals.count(low, high).sum()))
        for (low, high), ratio in zip(bands, _tighten(ratios), strict=True)
    )


def _split_sources(scores: Floats, names: NDArray[np.str_]) -> _Class:
    parts = tuple(np.sort(scores[names == name]) for name in np.unique(names))
    if len(parts) < 2:
        raise ValueError("A strength scale needs synthetic faces and photographs of at least two sources each.")
    return _Class(parts)


def _weigh(labels: Labels, names: NDArray[np.str_]) -> Floats:
    """Weights (n,) that add up to 1 in each class, in equal parts for its sources."""
    _, kinds = np.unique([f"{label} {name}" for label, name in zip(labels, names, strict=True)], return_inverse=True)
    per_image = 1 / np.bincount(kinds)[kinds]
    return per_image / np.bincount(labels, per_image)[labels]


def _pool_violators(scores: Floats, weights: Floats, labels: Labels) -> list[float]:
    """Edges from 0 to past 1 between which the share of synthetic faces, by weight, rises."""
    values, places = np.unique(scores, return_inverse=True)
    total, fake = np.bincount(places, weights), np.bincount(places, weights * labels)
    pooled: list[tuple[float, float, int]] = []  # of each block: its weight, that of its fakes, its first value
    for place in range(len(values)):
        block = (float(total[place]), float(fake[place]), place)
        while pooled and pooled[-1][1] * block[0] >= block[1] * pooled[-1][0]:
            last = pooled.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2])
        pooled.append(block)
    middles = [round(float(values[first - 1] + values[first]) / 2, 7) for _, _, first in pooled[1:]]
    return [0.0, *middles, float(np.nextafter(1.0, 2))]


def _join_bands(edges: list[float], fakes: _Class, reals: _Class) -> list[float]:
    """Take out edges until bands hold enough of both classes, are few enough, and their ratios rise.

    Bands on either side of a ratio of one stay apart: where hardly a face of the other class scores so far out, a band
    holds those there are, and its interval is as wide as that leaves it.
    """
    middle = int(np.sum(_find_log_ratios(edges, fakes, reals) < 0))
    edges = [*_join_side(edges[: middle + 1], fakes, reals), *_join_side(edges[middle:], fakes, reals)[1:]]
    # Half an image more in each share can turn two ratios that are nearly the same.
    while (gaps := np.diff(_find_log_ratios(edges, fakes, reals))).min(initial=0) < 0:
        del edges[1 + int(np.argmin(gaps))]
    return edges


def _join_side(edges: list[float], fakes: _Class, reals: _Class) -> list[float]:
    least = [min(_LEAST_OF_EACH, int(images.count(edges[0], edges[-1]).sum())) for images in (fakes, reals)]
    while len(edges) > 2:
        bands = list(pairwise(edges))
        lacks = [
            any(images.count(*band).sum() < n for images, n in zip((fakes, reals), least, strict=True))
            for band in bands
        ]
        # An edge may go where a band beside it lacks faces, or anywhere while there are too many.
        is_open = np.array([a or b for a, b in pairwise(lacks)])
        if not is_open.any():
            if len(bands) <= _MOST_BANDS / 2:
                break
            is_open[:] = True
        gaps = np.diff(_find_log_ratios(edges, fakes, reals))
        del edges[1 + int(np.argmin(np.where(is_open, gaps, np.inf)))]
    return edges


def _find_log_ratios(edges: list[float], fakes: _Class, reals: _Class) -> Floats:
    return np.array([np.log(_find_share(fakes, *band) / _find_share(reals, *band)) for band in pairwise(edges)])


def _find_share(images: _Class, low: float, high: float) -> float:
    """The mean over sources of the share between two scores, with half an image added to the effective number.

    Half an image more inside and outside keeps a logarithm finite where there is none (Walter, Biometrika 62, 1975,
    371-374). The effective number of images under weights is Kish's (Survey Sampling, 1965).
    """
    n = _find_effective_size(images)
    share = float(np.mean(images.count(low, high) / images.sizes))
    return (n * share + 0.5) / (n + 1)


def _find_effective_size(images: _Class) -> float:
    return float(len(images.sizes) ** 2 / np.sum(1 / images.sizes))


def _measure_ratio(fakes: _Class, reals: _Class, low: float, high: float) -> LikelihoodRatio:
    """The ratio of the two shares with its log interval (Katz et al., Biometrics 34, 1978, 469-474).

    Sources differ more than chance among their images does: the variance is that between sources where it is larger,
    with Student's t for the class of fewer sources.
    """
    shares = [_find_share(images, low, high) for images in (fakes, reals)]
    variance = sum(_find_log_variance(images, low, high) for images in (fakes, reals))
    freedom = min(len(fakes.scores), len(reals.scores)) - 1
    value = shares[0] / shares[1]
    factor = float(np.exp(t.ppf(0.975, freedom) * np.sqrt(variance)))
    return LikelihoodRatio(value, value / factor, value * factor)


def _find_log_variance(images: _Class, low: float, high: float) -> float:
    """Variance of the logarithm of a class's share."""
    n, share = _find_effective_size(images), _find_share(images, low, high)
    by_chance = 1 / (n * share) - 1 / n
    between = float(np.var(images.count(low, high) / images.sizes, ddof=1)) / len(images.sizes) / share**2
    return max(by_chance, between)


def _tighten(ratios: Sequence[LikelihoodRatio]) -> list[LikelihoodRatio]:
    """Intervals that rise with the score, as the ratios do: what bounds one band bounds those beyond it."""
    lows = np.maximum.accumulate([ratio.low for ratio in ratios])
    highs = np.minimum.accumulate([ratio.high for ratio in reversed(ratios)])[::-1]
    return [
        LikelihoodRatio(*(_to_places(end) for end in (ratio.value, low, high)))
        for ratio, low, high in zip(ratios, lows, highs, strict=True)
    ]


def _to_places(value: float) -> float:
    """Four significant figures, more than any number of images here supports."""
    return float(f"{value:.4g}")
