"""Strength of evidence: the likelihood ratio of a score and its words on ENFSI's verbal scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from detector.verdict import Result

Lean = Literal["synthetic", "camera"]
Strength = Literal[
    "strong_synthetic",
    "moderate_synthetic",
    "weak_synthetic",
    "inconclusive",
    "weak_camera",
    "moderate_camera",
    "strong_camera",
]

# The verbal scale of ENFSI's Guideline for Evaluative Reporting in Forensic Science (2015) has weak support from a
# likelihood ratio of 2, moderate from 10, moderately strong from 100, strong from 1,000, very strong from 10,000 and
# extremely strong from 1,000,000. Everything from 100 is one level here: some thousand photographs of each kind do not
# measure more, so "strong" is ENFSI's "moderately strong" or more.
_LEVELS: tuple[tuple[float, Strength, Strength], ...] = (
    (100.0, "strong_synthetic", "strong_camera"),
    (10.0, "moderate_synthetic", "moderate_camera"),
    (2.0, "weak_synthetic", "weak_camera"),
)


@dataclass(frozen=True)
class LikelihoodRatio:
    """How much more often such a score is seen among synthetic faces than among photographs, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class StrengthBand:
    """The likelihood ratio of calibrated fake probabilities from `score_low` to under `score_high` (the last: to 1).

    Measured on so many synthetic faces and photographs of sources and families that the model did not train on.
    """

    score_low: float
    score_high: float
    likelihood_ratio: LikelihoodRatio
    fakes: int
    reals: int


def find_likelihood_ratio(scale: Sequence[StrengthBand], fake_probability: float) -> LikelihoodRatio:
    """The likelihood ratio of the band that a calibrated fake probability lies in."""
    return next(band.likelihood_ratio for band in reversed(scale) if band.score_low <= fake_probability)


def to_strength(ratio: LikelihoodRatio) -> Strength:
    """The word for a likelihood ratio, by the end of its interval that is nearer to one."""
    for least, synthetic, camera in _LEVELS:
        if ratio.low >= least:
            return synthetic
        if ratio.high <= 1 / least:
            return camera
    return "inconclusive"


def find_lean(ratio: LikelihoodRatio | None, result: Result) -> Lean:
    """The side that an inconclusive score leans to: by its likelihood ratio, else by its side of one half."""
    is_synthetic = result == "FAKE" if ratio is None else ratio.value >= 1
    return "synthetic" if is_synthetic else "camera"


def check_scale(scale: Sequence[StrengthBand]) -> None:
    """Raises ValueError unless the bands cover 0 to 1 in order and their ratios, within their intervals, never fall."""
    edges = [band.score_low for band in scale] + [scale[-1].score_high]
    ratios = [band.likelihood_ratio for band in scale]
    is_covering = edges[0] == 0 and edges[-1] == 1 and all(a < b for a, b in pairwise(edges))
    is_joined = all(band.score_high == edge for band, edge in zip(scale, edges[1:], strict=True))
    is_rising = all(a.value <= b.value for a, b in pairwise(ratios))
    is_within = all(0 < ratio.low <= ratio.value <= ratio.high < float("inf") for ratio in ratios)
    if not (is_covering and is_joined and is_rising and is_within):
        raise ValueError("bands of the strength scale do not fit together")
