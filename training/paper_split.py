"""Split a folder as the paper does: at random within each class, 75 % trained on, 25 % tested, the seed logged.

A fifth of the 75 % is named validation, which the recipe `paper` trains on as well and others hold out. Groups and
near-duplicates are split too, as the paper has it, so scores are optimistic by what they give away.
"""

from collections.abc import Sequence
from dataclasses import replace

from sklearn.model_selection import train_test_split

from training.prepare import Example
from training.recipe import Split

TEST_SHARE = 0.25
_VALIDATION_SHARE = 0.20  # of the others: 15 % of all


def split_as_paper(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples in order of their hash, each in its new split; the same for the same examples and seed."""
    ordered = sorted(examples, key=lambda example: example.sha256)
    others, tested = _divide(ordered, TEST_SHARE, seed)
    trained, validation = _divide(others, _VALIDATION_SHARE, seed)
    parts: dict[Split, list[Example]] = {"train": trained, "validation": validation, "test": tested}
    placed = [replace(example, split=split) for split, part in parts.items() for example in part]
    return sorted(placed, key=lambda example: example.sha256)


def _divide(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    labels = [example.label for example in examples]
    one, other = train_test_split(list(examples), test_size=share, random_state=seed, stratify=labels)
    return one, other
