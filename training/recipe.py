"""What a training recipe consists of; each file in `training/configs` fills in one."""

import importlib
from dataclasses import dataclass
from typing import Literal

from detector.bundle import Scaling

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Stage:
    """Some epochs under one optimizer: the head alone or every layer, at a constant or a cosine rate."""

    epochs: int
    learning_rate: float
    trains_backbone: bool
    schedule: Literal["constant", "cosine"]
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """A model and how it is trained; `fit_splits` without validation lets epochs be chosen and scores calibrated."""

    name: str
    input_size: int
    scaling: Scaling
    head: Literal["linear", "dense"]
    dropout: float
    label_smoothing: float
    augmentation: Literal["zoom", "trace_keeping"]
    mixes_patches: bool
    batch_norm_momentum: float
    average_decay: float  # of the weights' moving average, per batch; 0 keeps the weights themselves
    batch_size: int
    seed: int
    stages: tuple[Stage, ...]
    fit_splits: tuple[Split, ...]

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    @property
    def holds_out_validation(self) -> bool:
        return "validation" not in self.fit_splits


def find(name: str) -> Recipe:
    """Load `training/configs/NAME.py`; raises ModuleNotFoundError."""
    recipe = importlib.import_module(f"training.configs.{name}").RECIPE
    assert isinstance(recipe, Recipe)  # noqa: S101 - tells mypy what the config file must hold
    return recipe


def describe(name: str) -> str:
    """The first sentence of a recipe's docstring."""
    words = importlib.import_module(f"training.configs.{name}").__doc__ or ""
    return words.strip().splitlines()[0]
