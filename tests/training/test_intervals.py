import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from training import intervals
from training.intervals import Floats, Labels


def test_the_wilson_interval_matches_the_papers_own_count() -> None:
    figure = intervals.share(1821 + 1806, 3800)

    assert (figure.value, figure.low, figure.high) == pytest.approx((0.9545, 0.9474, 0.9607), abs=5e-5)
    assert figure.n == 3800


def test_the_auc_is_sklearns_and_delongs_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    found = []
    for _ in range(300):
        scores = rng.normal(size=120) + 1.5 * labels
        figure = intervals.measure_auc(scores, labels)
        assert figure.value == pytest.approx(roc_auc_score(labels, scores), abs=1e-6)
        found.append(figure)

    truth = 0.8556  # normal distribution function of 1.5 / sqrt(2)
    assert np.mean([one.low <= truth <= one.high for one in found]) == pytest.approx(0.95, abs=0.04)


def test_classes_that_are_told_apart_without_an_error_are_few_all_the_same() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 30)
    drawn = [rng.normal(size=60) + 3.3 * labels for _ in range(300)]
    found = [figure for scores in drawn if (figure := intervals.measure_auc(scores, labels)).value == 1]

    truth = 0.9902  # normal distribution function of 3.3 / sqrt(2)
    assert len(found) > 20
    assert all(0.9 < one.low <= truth and one.high == 1 for one in found)
    assert intervals.measure_auc(-drawn[0], labels).high == pytest.approx(1 - found[0].low)


def test_scores_that_are_all_the_same_leave_much_open() -> None:
    figure = intervals.measure_auc(np.zeros(40), np.repeat([0, 1], 20))

    assert (figure.low + figure.high) / 2 == figure.value == 0.5
    assert 0.2 < figure.low < 0.4


@pytest.mark.parametrize(("errors", "n"), [(0, 299), (1, 473), (2, 628), (3, 773), (4, 913), (5, 1049)])
def test_so_many_images_are_needed_to_bound_a_share_at_one_per_cent(errors: int, n: int) -> None:
    assert intervals.bound_share(errors, n) <= 0.01 < intervals.bound_share(errors, n - 1)
    exact = binomtest(errors, n, alternative="less").proportion_ci(0.95, method="exact").high
    assert intervals.bound_share(errors, n) == pytest.approx(exact)


def test_a_bootstrapped_mean_has_the_textbooks_interval_and_is_the_same_again() -> None:
    rng = np.random.default_rng(3)
    labels, values = np.repeat([0, 1], 200), rng.normal(0.5, 0.1, 400)

    def measure(scores: Floats, _: Labels) -> dict[str, float]:
        return {"mean": float(np.mean(scores))}

    figure = intervals.resample(measure, values, labels)["mean"]

    reach = 1.96 * np.std(values) / np.sqrt(400)
    assert (figure.low, figure.high) == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.003)
    assert intervals.resample(measure, values, labels)["mean"] == figure


def test_a_bootstrap_keeps_the_number_of_each_class() -> None:
    labels = np.array([0] * 30 + [1] * 2)

    figure = intervals.resample(lambda _, drawn: {"fakes": float(drawn.sum())}, np.zeros(32), labels)["fakes"]

    assert (figure.low, figure.value, figure.high) == (2, 2, 2)


def test_the_mean_of_two_shares_is_as_sure_as_both_together() -> None:
    one, other = intervals.share(90, 100), intervals.share(70, 100)

    mean = intervals.average(one, other)

    assert mean.value == pytest.approx(0.8)
    # Two shares of independent images: variances add, and the mean halves the deviation.
    deviation = np.sqrt(0.9 * 0.1 / 100 + 0.7 * 0.3 / 100) / 2
    assert mean.high - mean.low == pytest.approx(2 * 1.96 * deviation, rel=0.05)
