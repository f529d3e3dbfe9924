import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, brier_score_loss, f1_score, log_loss

from detector.card import EngineCard
from detector.verdict import Calibration, Thresholds
from training import calibration, metrics
from training.intervals import Figure

ENGINE = EngineCard("file", "hash", Calibration(1.0, 0.0), Thresholds(0.1, 0.9))


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.repeat([0, 1], 150)


@pytest.fixture(scope="module")
def logits(labels: np.ndarray) -> np.ndarray:
    return np.random.default_rng(4).normal(3.0 * labels - 1.5, 1.5)


def test_measures_count_what_serving_would_answer() -> None:
    logits = np.array([-4.0, -1.0, 0.5, 4.0, -4.0, 3.0])
    labels = np.array([0, 0, 0, 1, 1, 1])

    measured = metrics.measure(logits, labels, ENGINE)

    assert measured.confusion == [[2, 1], [1, 2]]
    assert measured.accuracy.value == pytest.approx(4 / 6, abs=1e-6)
    assert measured.verdicts.coverage.value == pytest.approx(4 / 6, abs=1e-6)
    assert measured.verdicts.error.value == pytest.approx(1 / 4, abs=1e-6)
    assert measured.per_class["fake"]["recall"].value == pytest.approx(2 / 3, abs=1e-6)


def test_the_figures_are_sklearns(logits: np.ndarray, labels: np.ndarray) -> None:
    measured = metrics.measure(logits, labels, ENGINE)

    probabilities = calibration.find_probabilities(logits, ENGINE.calibration)
    results = (probabilities >= 0.5).astype(int)
    assert measured.balanced_accuracy.value == pytest.approx(balanced_accuracy_score(labels, results), abs=1e-6)
    assert measured.log_loss.value == pytest.approx(log_loss(labels, probabilities), abs=1e-6)
    assert measured.brier.value == pytest.approx(brier_score_loss(labels, probabilities), abs=1e-6)
    assert measured.per_class["real"]["f1"].value == pytest.approx(f1_score(labels, results, pos_label=0), abs=1e-6)


def test_every_figure_has_its_interval_around_it_and_the_images_behind_it(
    logits: np.ndarray, labels: np.ndarray
) -> None:
    measured = metrics.measure(logits, labels, ENGINE)

    figures = [value for value in vars(measured).values() if isinstance(value, Figure)]
    figures += [
        *measured.hits_at_alarms.values(),
        *measured.per_class["real"].values(),
        *measured.per_class["fake"].values(),
    ]
    figures += vars(measured.verdicts).values()
    assert len(figures) == 9 + 3 + 6 + 4
    for figure in figures:
        assert figure.low <= figure.value <= figure.high
        assert figure.low < figure.high
        assert 0 < figure.n <= 300


def test_at_the_equal_error_rate_both_errors_are_the_same(logits: np.ndarray, labels: np.ndarray) -> None:
    rate = metrics.measure(logits, labels, ENGINE).equal_error_rate.value

    threshold = np.quantile(logits[labels == 0], 1 - rate)
    assert np.mean(logits[labels == 1] < threshold) == pytest.approx(rate, abs=0.01)


def test_hits_at_a_share_of_false_alarms_never_buy_more_of_them(logits: np.ndarray, labels: np.ndarray) -> None:
    measured = metrics.measure(logits, labels, ENGINE)

    # One of 150 photographs is 0.67 %: more than 0.5 %, less than 1 %.
    reals = np.sort(logits[labels == 0])[::-1]
    assert measured.hits_at_alarms["0.005"].value == pytest.approx(np.mean(logits[labels == 1] > reals[0]), abs=1e-6)
    assert measured.hits_at_alarms["0.01"].value == pytest.approx(np.mean(logits[labels == 1] > reals[1]), abs=1e-6)
    assert measured.hits_at_alarms["0.05"].value == pytest.approx(np.mean(logits[labels == 1] > reals[7]), abs=1e-6)


def test_the_surest_answers_come_first_in_the_risk() -> None:
    probabilities, labels = np.array([0.99, 0.6, 0.02, 0.45]), np.array([1, 0, 0, 1])

    assert metrics.trace_risk(probabilities, labels).tolist() == [0, 0, 1 / 3, 1 / 2]


def test_a_score_that_is_always_half_sure_and_half_right_is_well_calibrated() -> None:
    labels = np.tile([0, 1], 150)

    assert metrics.measure_calibration_error(np.full(300, 0.5), labels) == pytest.approx(0, abs=0.03)
    assert metrics.measure_calibration_error(np.full(300, 0.9), labels) == pytest.approx(0.4, abs=0.01)


def test_images_of_one_class_have_its_figures_alone(logits: np.ndarray, labels: np.ndarray) -> None:
    reals = metrics.measure_part(logits[labels == 0], labels[labels == 0], ENGINE)
    fakes = metrics.measure_part(logits[labels == 1], labels[labels == 1], ENGINE)

    assert reals.auc is reals.hits is reals.misses is reals.fakes_right is reals.balanced_accuracy is None
    assert fakes.auc is fakes.false_alarms is fakes.reals_right is None
    assert reals.false_alarms is not None
    assert reals.false_alarms.value == pytest.approx(np.mean(logits[labels == 0] >= np.log(9)), abs=1e-6)
    assert fakes.hits is not None
    assert fakes.hits.value == pytest.approx(np.mean(logits[labels == 1] >= np.log(9)), abs=1e-6)


def test_a_whole_split_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        metrics.measure(np.zeros(3), np.ones(3, dtype=np.int64), ENGINE)
