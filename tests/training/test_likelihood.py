import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from detector import strength
from detector.strength import StrengthBand
from training.likelihood import fit_strength_scale

# Logits of the classes are normal with variance DISTANCE around plus and minus half of it, so that a logit is the
# logarithm of its own likelihood ratio and a probability p has the ratio p / (1 - p).
DISTANCE = 6.0
Scores = tuple[NDArray[np.float64], NDArray[np.int64], list[str]]


def draw(sources: int, images: int, *, seed: int, spread: float = 0.0) -> Scores:
    """Scores of both classes with a known likelihood ratio; the means of sources lie apart by `spread`."""
    rng = np.random.default_rng(seed)
    names = [f"{kind}-{number}" for kind in ("photo", "fake") for number in range(sources)]
    means = np.repeat([-DISTANCE / 2, DISTANCE / 2], sources) + spread * rng.normal(size=2 * sources)
    logits = means[:, None] + math.sqrt(DISTANCE) * rng.normal(size=(2 * sources, images))
    labels = np.repeat([0, 1], sources * images)
    return expit(logits.ravel()), labels, [name for name in names for _ in range(images)]


def true_ratio(band: StrengthBand, spread: float = 0.0) -> float:
    low, high = (np.log(edge) - np.log1p(-edge) for edge in (band.score_low + 1e-300, min(band.score_high, 1 - 1e-16)))
    width = math.sqrt(DISTANCE + spread**2)
    shares = [norm.cdf(high, mean, width) - norm.cdf(low, mean, width) for mean in (DISTANCE / 2, -DISTANCE / 2)]
    return float(shares[0] / shares[1])


def test_bands_cover_all_scores_and_each_holds_enough_of_both_classes() -> None:
    probabilities, labels, sources = draw(5, 800, seed=1)

    scale = fit_strength_scale(probabilities, labels, sources)

    strength.check_scale(scale)
    assert 4 <= len(scale) <= 12
    assert min(min(band.fakes, band.reals) for band in scale) >= 10
    assert max(min(band.fakes, band.reals) for band in scale) > 10
    assert (sum(band.fakes for band in scale), sum(band.reals for band in scale)) == (4000, 4000)
    for band in scale:
        is_within = (probabilities >= band.score_low) & (probabilities < band.score_high)
        assert np.sum(is_within & (labels == 1)) == band.fakes


@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_intervals_hold_the_true_ratio_also_where_sources_differ(spread: float) -> None:
    held = []
    for seed in range(12):
        for band in fit_strength_scale(*draw(8, 400, seed=seed, spread=spread)):
            held.append(band.likelihood_ratio.low <= true_ratio(band, spread) <= band.likelihood_ratio.high)

    assert len(held) > 80
    assert np.mean(held) >= 0.9


def test_ratios_of_the_outer_bands_are_near_the_true_ones_and_get_words() -> None:
    scale = fit_strength_scale(*draw(8, 2000, seed=3))

    for band in (scale[0], scale[-1]):
        assert band.likelihood_ratio.value == pytest.approx(true_ratio(band), rel=0.4)
    words = [strength.to_strength(band.likelihood_ratio) for band in scale]
    assert words[0] in ("moderate_camera", "strong_camera")
    assert words[-1] in ("moderate_synthetic", "strong_synthetic")
    assert "inconclusive" in words


def test_sources_that_differ_widen_the_interval() -> None:
    alike, apart = (fit_strength_scale(*draw(8, 400, seed=5, spread=spread))[-1] for spread in (0.0, 1.5))

    def width(band: StrengthBand) -> float:
        return band.likelihood_ratio.high / band.likelihood_ratio.low

    assert width(apart) > 1.5 * width(alike)


def test_each_source_weighs_the_same_within_its_class() -> None:
    # Of the two sources of fakes the small one scores high, the large one low; the photographs score low.
    high, low = np.full(100, 0.9), np.full(900, 0.1)
    photos = np.concatenate([np.full(380, 0.1), np.full(20, 0.9)])
    probabilities = np.concatenate([high, low, photos])
    labels = np.repeat([1, 0], [1000, 400])
    sources = ["small"] * 100 + ["large"] * 900 + ["a", "b"] * 200

    *_, top = fit_strength_scale(probabilities, labels, sources)

    # Half of the fakes by weight, a twentieth of the photographs; by images it would be a tenth by a twentieth.
    assert top.likelihood_ratio.value == pytest.approx(0.5 / 0.05, rel=0.1)
    assert (top.fakes, top.reals) == (100, 20)


def test_scores_without_any_order_are_inconclusive() -> None:
    rng = np.random.default_rng(9)
    labels = np.tile([0, 1], 600)
    sources = [f"{label}-{place % 6 // 2}" for place, label in enumerate(labels)]

    scale = fit_strength_scale(1 - np.round(labels * 0.2 + rng.random(1200) * 0.5, 3), labels, sources)

    assert {strength.to_strength(band.likelihood_ratio) for band in scale} == {"inconclusive"}


def test_classes_that_do_not_overlap_get_a_finite_ratio_by_their_number() -> None:
    words, ratios = [], []
    for images in (200, 4000):
        labels = np.repeat([0, 1], images)
        sources = [f"{place % 8}" for place in range(2 * images)]
        scale = fit_strength_scale(np.where(labels == 1, 1.0, 0.0), labels, sources)
        strength.check_scale(scale)
        assert [(band.fakes, band.reals) for band in scale] == [(0, images), (images, 0)]
        words.append([strength.to_strength(band.likelihood_ratio) for band in scale])
        ratios.append(scale[1].likelihood_ratio.value)

    assert ratios == pytest.approx([2 * images for images in (200, 4000)], rel=0.01)
    assert words == [["moderate_camera", "moderate_synthetic"], ["strong_camera", "strong_synthetic"]]


def test_one_source_of_a_class_is_refused() -> None:
    probabilities, labels, _ = draw(1, 50, seed=1)

    with pytest.raises(ValueError, match="two sources"):
        fit_strength_scale(probabilities, labels, ["one"] * 50 + ["two", "three"] * 25)
