import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from detector.verdict import Calibration, Thresholds
from training import metrics


def test_the_wilson_interval_matches_the_papers_own_count() -> None:
    interval = metrics.share(1821 + 1806, 3800)

    assert (interval.value, interval.low, interval.high) == pytest.approx((0.9545, 0.9474, 0.9607), abs=5e-5)


def test_the_auc_is_sklearns_and_delongs_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    intervals = []
    for _ in range(300):
        scores = rng.normal(size=120) + 1.5 * labels
        interval = metrics.measure_auc(scores, labels)
        assert interval.value == pytest.approx(roc_auc_score(labels, scores), abs=1e-6)
        intervals.append(interval)

    truth = 0.8556  # normal distribution function of 1.5 / sqrt(2)
    assert np.mean([one.low <= truth <= one.high for one in intervals]) == pytest.approx(0.95, abs=0.04)


def test_calibration_finds_the_scale_and_shift_that_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 4, size=20_000)
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-(logits / 2.5 + 0.7)))).astype(np.int64)

    found = metrics.calibrate(logits, labels)

    assert found.temperature == pytest.approx(2.5, rel=0.1)
    assert found.bias == pytest.approx(0.7, abs=0.1)


def test_cleanly_separated_scores_still_give_a_finite_calibration() -> None:
    found = metrics.calibrate(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([0, 0, 1, 1]))

    assert 0 < found.temperature < 20


def test_at_most_two_per_cent_of_either_class_get_a_wrong_definite_verdict() -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], 150)
    probabilities = np.clip(rng.normal(0.3, 0.2, 300) + 0.4 * labels, 0, 1)

    chosen = metrics.choose_thresholds(probabilities, labels)

    assert np.sum(probabilities[labels == 0] >= chosen.fake_from) == 3
    assert np.sum(probabilities[labels == 1] < chosen.real_below) == 3
    assert chosen.real_below <= 0.5 <= chosen.fake_from


def test_the_thresholds_of_well_separated_scores_meet_in_the_middle() -> None:
    labels = np.repeat([0, 1], 50)

    assert metrics.choose_thresholds(0.1 + 0.8 * labels, labels) == Thresholds(0.5, 0.5)


def test_measures_count_what_serving_would_answer() -> None:
    logits = np.array([-4.0, -1.0, 0.5, 4.0, -4.0, 3.0])
    labels = np.array([0, 0, 0, 1, 1, 1])

    measured = metrics.measure(logits, labels, Calibration(1.0, 0.0), Thresholds(0.1, 0.9))

    assert measured.confusion == [[2, 1], [1, 2]]
    assert measured.accuracy.value == pytest.approx(4 / 6, abs=1e-6)
    assert measured.verdicts.coverage.value == pytest.approx(4 / 6, abs=1e-6)
    assert measured.verdicts.error.value == pytest.approx(1 / 4, abs=1e-6)
    assert measured.per_class["fake"]["recall"] == pytest.approx(2 / 3, abs=1e-6)


def test_a_score_that_is_always_half_sure_and_half_right_is_well_calibrated() -> None:
    assert metrics.measure_calibration_error(np.full(300, 0.5), np.tile([0, 1], 150)) == pytest.approx(0, abs=0.01)
    assert metrics.measure_calibration_error(np.full(300, 0.9), np.tile([0, 1], 150)) == pytest.approx(0.4, abs=0.01)
