import numpy as np
import pytest

from training import calibration, intervals


def test_calibration_finds_the_scale_and_shift_that_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 4, size=20_000)
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-(logits / 2.5 + 0.7)))).astype(np.int64)

    both, weights = np.concatenate([labels, 1 - labels]), np.ones(40_000)
    found = calibration.fit(np.concatenate([logits, -logits]), both, weights)
    shifted = calibration.fit(np.concatenate([logits, -logits]) - 3, both, weights)

    assert found.temperature == pytest.approx(2.5, rel=0.15)
    assert shifted.bias - found.bias == pytest.approx(3 / found.temperature, abs=0.01)


def test_one_half_is_the_best_balanced_accuracy_whatever_the_share_of_fakes() -> None:
    rng = np.random.default_rng(5)
    labels = np.array([0] * 9000 + [1] * 1000)
    logits = rng.normal(2 + 4 * labels, 2.0)

    probabilities = calibration.find_probabilities(logits, calibration.fit(logits, labels, np.ones(10_000)))

    def balance(threshold: float) -> float:
        return float(np.mean([np.mean((probabilities[labels == c] >= threshold) == c) for c in (0, 1)]))

    best = max(balance(threshold) for threshold in np.linspace(0.05, 0.95, 91))
    assert balance(0.5) == pytest.approx(best, abs=0.005)


def test_cleanly_separated_scores_still_give_a_finite_calibration() -> None:
    found = calibration.fit(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([0, 0, 1, 1]), np.ones(4))

    assert 0 < found.temperature < 20


def test_a_group_counts_with_the_weight_of_its_images() -> None:
    # The smaller source's scores are shifted.
    rng = np.random.default_rng(9)
    logits = rng.normal(0, 3, size=20_000)
    first = np.arange(20_000) < 18_000
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-np.where(first, logits, logits - 2)))).astype(np.int64)

    def fit(weights: np.ndarray) -> float:
        return calibration.fit(logits, labels, weights).bias

    weights = np.where(first, 18_000**-0.5, 2_000**-0.5)

    assert fit(np.where(first, 0, 1.0)) < fit(weights) < fit(np.ones(20_000)) < fit(np.where(first, 1.0, 0))


def make_scores(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    labels = np.repeat([0, 1], n)
    return np.clip(rng.normal(0.3, 0.2, 2 * n) + 0.4 * labels, 0, 1), labels


def test_so_many_verdicts_go_wrong_as_the_bounds_allow_and_not_one_more() -> None:
    probabilities, labels = make_scores(1000)

    thresholds, bands = calibration.choose_thresholds([probabilities], labels)

    # 4 of 1,000 are the most with an upper bound of 1 %, 20 with one of 3 %.
    assert np.sum(probabilities[labels == 0] >= thresholds.fake_from) == 4
    assert np.sum(probabilities[labels == 1] < thresholds.real_below) == 20
    assert bands.false_alarm_bound <= 0.01
    assert bands.miss_bound <= 0.03
    assert (bands.reals, bands.fakes) == (1000, 1000)


def test_the_bounds_hold_in_each_view_of_the_images() -> None:
    probabilities, labels = make_scores(1000)
    degraded = np.clip(probabilities + 0.1 * (labels == 0), 0, 1)

    thresholds, bands = calibration.choose_thresholds([probabilities, degraded], labels)

    assert np.sum(degraded[labels == 0] >= thresholds.fake_from) == 4
    assert np.sum(probabilities[labels == 0] >= thresholds.fake_from) < 4
    assert bands.reals == 1000
    assert bands.false_alarm_bound == pytest.approx(intervals.bound_share(4, 1000), abs=1e-6)


def test_too_few_images_for_a_bound_say_which_one_they_reach() -> None:
    probabilities, labels = make_scores(50)

    thresholds, bands = calibration.choose_thresholds([probabilities], labels)

    assert np.sum(probabilities[labels == 0] >= thresholds.fake_from) == 0
    assert bands.false_alarm_limit == 0.01
    assert bands.false_alarm_bound == pytest.approx(1 - 0.05 ** (1 / 50), abs=1e-6)


def test_the_thresholds_of_well_separated_scores_meet_in_the_middle() -> None:
    labels = np.repeat([0, 1], 50)

    thresholds, _ = calibration.choose_thresholds([0.1 + 0.8 * labels], labels)

    assert (thresholds.real_below, thresholds.fake_from) == (0.5, 0.5)


def test_shares_of_scores_are_told_in_ten_bins_with_both_ends_within() -> None:
    probabilities = np.array([0.0, 0.05, 0.1, 0.55, 0.95, 0.99, 1.0, 1.0])

    shares = calibration.find_shares(probabilities)

    assert shares == (0.25, 0.125, 0, 0, 0, 0.125, 0, 0, 0, 0.5)
