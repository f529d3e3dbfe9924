import math

import pytest

from detector.verdict import Calibration, Thresholds, judge

CALIBRATION = Calibration(temperature=2.0, bias=0.5)
THRESHOLDS = Thresholds(real_below=0.2, fake_from=0.9)


def test_a_logit_is_scaled_shifted_and_squashed() -> None:
    assert judge(3.0, CALIBRATION, THRESHOLDS).fake_probability == pytest.approx(1 / (1 + math.exp(-2.0)))


@pytest.mark.parametrize(
    ("logit", "verdict", "result"),
    [(-9.0, "real", "REAL"), (-1.2, "inconclusive", "REAL"), (0.0, "inconclusive", "FAKE"), (9.0, "fake", "FAKE")],
)
def test_verdicts_follow_the_thresholds_and_results_one_half(logit: float, verdict: str, result: str) -> None:
    judgement = judge(logit, CALIBRATION, THRESHOLDS)

    assert (judgement.verdict, judgement.result) == (verdict, result)


def test_a_probability_on_a_threshold_is_fake_above_and_undecided_below() -> None:
    even = Calibration(temperature=1.0, bias=0.0)

    assert judge(0.0, even, Thresholds(real_below=0.5, fake_from=0.5)).verdict == "fake"
    assert judge(0.0, even, Thresholds(real_below=0.5, fake_from=0.6)).verdict == "inconclusive"


def test_confidence_is_per_cent_of_the_side_taken() -> None:
    for logit in (-30.0, -1.0, 0.7, 1000.0, -1000.0):
        judgement = judge(logit, CALIBRATION, THRESHOLDS)
        p = judgement.fake_probability
        assert judgement.confidence == pytest.approx(100 * (p if judgement.result == "FAKE" else 1 - p))
        assert 50 <= judgement.confidence <= 100
