"""Each check of the shortcut audit: one figure, what it may be, and on how many images it was measured."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from detector import verdict
from detector.card import EngineCard
from detector.engines import Engine
from training import duplicates, probes, robustness, scoring
from training.data import Dataset
from training.intervals import Floats, Labels
from training.prepare import LABELS, Example

ALL = "all sources"
_SHUFFLES = 100
_LEAST_PROBABILITY = 0.05  # one image alone must not weigh more than twenty


@dataclass(frozen=True)
class Check:
    """One figure of `n` images and what it may be; one that does not block is only reported."""

    part: str
    name: str
    figure: float
    lowest: float | None
    highest: float
    n: int
    blocks: bool = True

    @property
    def is_kept(self) -> bool:
        return (self.lowest is None or self.lowest <= self.figure) and self.figure <= self.highest

    @property
    def has_failed(self) -> bool:
        return self.blocks and not self.is_kept

    @property
    def outcome(self) -> str:
        return ("kept" if self.is_kept else "FAILED" if self.blocks else "over") + ("" if self.blocks else ", no block")

    @property
    def shown(self) -> str:
        return f"{round(self.figure, 4):g}"

    @property
    def allowed(self) -> str:
        return f"at most {self.highest:g}" if self.lowest is None else f"{self.lowest:g} to {self.highest:g}"

    def __str__(self) -> str:
        return f"{self.part}: {self.name} is {self.shown} on {self.n:,} images; allowed is {self.allowed}."


def check_splits(examples: Sequence[Example]) -> Iterator[Check]:
    """Whether anything stands on two sides of a split."""
    near = sum(
        examples[one].split != examples[other].split
        for one, other in duplicates.find_pairs([example.phash for example in examples])
    )
    for name, count in (
        ("images in two splits", _count_torn((example.sha256, example.split) for example in examples)),
        ("near-duplicates in two splits", near),
        ("groups in two splits", _count_torn((example.group, example.split) for example in examples)),
    ):
        yield Check(ALL, name, count, None, 0, len(examples))


def check_files(part: str, folder: Path, examples: Sequence[Example], weights: Floats, *, blocks: bool) -> Check:
    """Whether the files tell their class without being decoded."""
    groups = [example.group for example in examples]
    found = probes.probe(probes.describe_files(folder, examples), _labels(examples), groups, weights)
    return Check(part, "AUC of the file facts", found.auc, None, 0.55, len(examples), blocks)


def probe_pixels(part: str, seen: Dataset, weights: Floats, *, blocks: bool) -> Iterator[tuple[Check, Floats]]:
    """Whether a thumbnail or the border tells the class of what the model sees; with each image's probability."""
    groups = [example.group for example in seen.examples]
    for name, features in (
        ("16 x 16 thumbnail", probes.shrink(seen.pixels)),
        ("border of 1 pixel", probes.cut_borders(seen.pixels)),
    ):
        found = probes.probe(features, seen.labels, groups, weights)
        yield Check(part, f"AUC of the {name}", found.auc, None, 0.60, len(seen), blocks), found.probabilities


def check_codecs(
    part: str, engine: Engine, card: EngineCard, tested: Dataset, logits: Floats, weights: Floats
) -> Iterator[Check]:
    """Whether the bundle's scores follow the codec: one class saved anew, then both."""
    is_fake = tested.labels == 1
    at_95, at_90 = (_score_saved_anew(engine, name, tested) for name in ("jpeg 95", "jpeg 90"))
    for name, changed in (("fakes", is_fake), ("reals", ~is_fake)):
        auc = roc_auc_score(is_fake, np.where(changed, at_95, logits), sample_weight=weights)
        moved = auc - roc_auc_score(is_fake, logits, sample_weight=weights)
        yield Check(part, f"change of AUC with the {name} as JPEG 95", float(moved), -0.01, 0.01, len(tested))
    before, after = (np.average(_answers_fake(scores, card) == is_fake, weights=weights) for scores in (logits, at_90))
    yield Check(part, "loss of accuracy with all as JPEG 90", float(before - after), None, 0.01, len(tested))


def check_dependence(
    check: Check, fake_probabilities: Floats, tested: Dataset, logits: Floats, weights: Floats
) -> Check:
    """How much AUC the bundle loses among images that a probe finds alike; reported, never blocking.

    Each image weighs the inverse of the probability that the probe gave its class (Rosenbaum and Rubin 1983,
    Biometrika 70, 41-55), which evens out the probe's scores over both classes.
    """
    given = np.where(tested.labels == 1, fake_probabilities, 1 - fake_probabilities)
    alike = weights / np.maximum(given, _LEAST_PROBABILITY)
    before, after = (roc_auc_score(tested.labels, logits, sample_weight=one) for one in (weights, alike))
    name = check.name.replace("AUC of", "loss of the bundle's AUC among images alike by")
    return Check(check.part, name, float(before - after), None, 0.01, len(tested), blocks=False)


def check_shuffled(features: NDArray[np.float32], examples: Sequence[Example]) -> Check:
    """Whether random labels are told from the bundle's features (n, channels): a leak of the audit itself."""
    groups = [example.group for example in examples]
    mean = probes.shuffle_labels(features.astype(np.float64), _labels(examples), groups, _SHUFFLES)
    return Check(ALL, f"mean AUC of {_SHUFFLES} shuffles of the labels", mean, 0.48, 0.52, len(examples))


def _count_torn(placed: Iterable[tuple[str, str]]) -> int:
    """How many names stand in more than one split."""
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for name, split in placed:
        splits[name].add(split)
    return sum(len(found) > 1 for found in splits.values())


def _labels(examples: Sequence[Example]) -> Labels:
    return np.array([LABELS.index(example.label) for example in examples], dtype=np.int64)


def _score_saved_anew(engine: Engine, name: str, tested: Dataset) -> Floats:
    return scoring.score(engine, np.stack([robustness.apply(name, np.asarray(image)) for image in tested.pixels]))


def _answers_fake(logits: Floats, card: EngineCard) -> NDArray[np.bool_]:
    judged = (verdict.judge(float(logit), card.calibration, card.thresholds) for logit in logits)
    return np.array([judgement.result == "FAKE" for judgement in judged])
