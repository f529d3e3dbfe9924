from dataclasses import replace

import pytest

from detector import strength
from detector.strength import LikelihoodRatio, StrengthBand

SCALE = (
    StrengthBand(0.0, 0.25, LikelihoodRatio(0.05, 0.03, 0.09), fakes=20, reals=400),
    StrengthBand(0.25, 0.75, LikelihoodRatio(1.1, 0.6, 2.0), fakes=110, reals=100),
    StrengthBand(0.75, 1.0, LikelihoodRatio(40.0, 15.0, 110.0), fakes=400, reals=10),
)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (100.0, 400.0, "strong_synthetic"),
        (99.9, 400.0, "moderate_synthetic"),
        (10.0, 2000.0, "moderate_synthetic"),
        (9.9, 2000.0, "weak_synthetic"),
        (2.0, 3.0, "weak_synthetic"),
        (1.9, 50.0, "inconclusive"),
        (0.02, 0.51, "inconclusive"),
        (0.02, 0.5, "weak_camera"),
        (0.001, 0.1, "moderate_camera"),
        (0.001, 0.01, "strong_camera"),
    ],
)
def test_the_end_of_the_interval_nearer_to_one_chooses_the_word(low: float, high: float, word: str) -> None:
    assert strength.to_strength(LikelihoodRatio((low * high) ** 0.5, low, high)) == word


def test_a_score_has_the_ratio_of_the_band_it_lies_in() -> None:
    found = [strength.find_likelihood_ratio(SCALE, score).value for score in (0.0, 0.249, 0.25, 0.75, 1.0)]

    assert found == [0.05, 0.05, 1.1, 40.0, 40.0]


def test_a_lean_is_the_measured_side_before_the_side_of_one_half() -> None:
    assert strength.find_lean(LikelihoodRatio(0.8, 0.5, 1.3), "FAKE") == "camera"
    assert strength.find_lean(LikelihoodRatio(1.2, 0.7, 2.0), "REAL") == "synthetic"
    assert strength.find_lean(None, "FAKE") == "synthetic"
    assert strength.find_lean(None, "REAL") == "camera"


def test_bands_that_do_not_fit_together_are_refused() -> None:
    strength.check_scale(SCALE)
    first, middle, last = SCALE
    broken = [
        (middle, last),
        (first, last),
        (first, middle),
        (first, replace(middle, score_high=0.5), last),
        (first, replace(middle, likelihood_ratio=LikelihoodRatio(50.0, 1.0, 60.0)), last),
        (first, replace(middle, likelihood_ratio=LikelihoodRatio(1.1, 1.2, 2.0)), last),
        (replace(first, likelihood_ratio=LikelihoodRatio(0.05, 0.0, 0.09)), middle, last),
    ]
    for scale in broken:
        with pytest.raises(ValueError, match="strength scale"):
            strength.check_scale(scale)
