"""A logit becomes a calibrated probability and a verdict, by the numbers on the bundle's card."""

import math
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["fake", "real", "inconclusive"]
Result = Literal["FAKE", "REAL"]


@dataclass(frozen=True)
class Calibration:
    """Fake probability = sigmoid(logit / temperature + bias)."""

    temperature: float
    bias: float


@dataclass(frozen=True)
class Thresholds:
    """Fake at `fake_from` and above, real under `real_below`, inconclusive between; fake probabilities."""

    real_below: float
    fake_from: float


@dataclass(frozen=True)
class Judgement:
    """`confidence` is per cent in `result`, the side of one half; `verdict` may also be undecided."""

    fake_probability: float
    verdict: Verdict
    confidence: float
    result: Result


def judge(logit: float, calibration: Calibration, thresholds: Thresholds) -> Judgement:
    """Judge one logit of the fake class."""
    fake_probability = _sigmoid(logit / calibration.temperature + calibration.bias)
    return Judgement(
        fake_probability=fake_probability,
        verdict=_decide(fake_probability, thresholds),
        confidence=100 * max(fake_probability, 1 - fake_probability),
        result="FAKE" if fake_probability >= 0.5 else "REAL",
    )


def _sigmoid(value: float) -> float:
    # Either branch keeps exp() from overflowing.
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _decide(fake_probability: float, thresholds: Thresholds) -> Verdict:
    if fake_probability >= thresholds.fake_from:
        return "fake"
    return "real" if fake_probability < thresholds.real_below else "inconclusive"
