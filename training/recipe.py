"""What a training recipe consists of; each file in `training/configs` fills in one."""

import importlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from detector.card import Network, Scaling
from training import sources

Split = Literal["train", "validation", "test", "left out"]
Framing = Literal["whole", "face"]


@dataclass(frozen=True)
class Stage:
    """Some epochs under one optimizer: the head alone or every layer, at a constant or a cosine rate.

    `window` is the side of the squares that are cut out of the images, 0 for whole images. `pairs` of a batch are a
    photograph and its counterpart; where they fill the batch, nothing else is shown. With `paired_sources` they are of
    sources with both classes alone.
    """

    epochs: int
    learning_rate: float
    trains_backbone: bool
    schedule: Literal["constant", "cosine"]
    weight_decay: float = 0.0
    window: int = 0
    pairs: int = 0
    paired_sources: bool = False


@dataclass(frozen=True)
class Mixture:
    """How many images of which source an epoch shows: as many fakes as photographs, the square root of a source's
    size times its emphasis as its share of its class, so that no large source drowns the others."""

    images_per_epoch: int
    emphasis: Mapping[str, float]  # by source; 1 where not named
    left_out: tuple[str, ...]  # a family of fakes, or "source/label", that is never trained on
    whole: tuple[str, ...]  # sources whose fakes are photographs around a synthetic part: a patch of one proves nothing
    recropped: tuple[str, ...]  # sources whose classes are framed apart: both are cut to the same face box
    paired: tuple[str, ...] = ()  # sources whose fake was made of the photograph of the same name: shown side by side


@dataclass(frozen=True)
class Recipe:
    """A model and how it is trained; `fit_splits` without validation lets epochs be chosen and scores calibrated."""

    name: str
    input_size: int
    scaling: Scaling
    head: Literal["linear", "dense"]
    dropout: float
    label_smoothing: float
    augmentation: Literal["zoom", "trace_keeping", "roaming", "undegraded", "shared"]
    mixing: Literal["none", "rectangles", "mosaics"]
    batch_norm_momentum: float
    average_decay: float  # of the weights' moving average, per batch; 0 keeps the weights themselves
    batch_size: int
    seed: int
    stages: tuple[Stage, ...]
    fit_splits: tuple[Split, ...]
    network: Network = "mobilenet"
    mixture: Mixture | None = None  # without one, an epoch shows every image once
    teacher_share: float = 0.0  # of a target that is another model's answer (Hinton et al., arXiv 1503.02531)
    companion: Network | None = None  # the network of that model, where it learns at the same time (arXiv 1804.03235)

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def unfrozen(self) -> "Recipe":
        """The same with every layer trained throughout: what starts at random must not stay so."""
        return replace(self, stages=tuple(replace(stage, trains_backbone=True) for stage in self.stages))

    @property
    def needs_teacher(self) -> bool:
        """Whether finished bundles are to teach it; a companion is trained beside it."""
        return self.teacher_share > 0 and self.companion is None

    @property
    def tunes_backbone(self) -> bool:
        return any(stage.trains_backbone for stage in self.stages)

    def trains_on(self, source: str, label: str, generator: str = "") -> bool:
        """Whether it may train on a source's class, or on the fakes of a generator in it."""
        if self.mixture is None:
            return True
        family = sources.find_family(source, label, generator)
        return not {f"{source}/{label}", family} & set(self.mixture.left_out)

    def stage_at(self, epoch: int) -> Stage:
        """The stage that an epoch, from 0, belongs to; the last one past the end."""
        ends = itertools.accumulate(stage.epochs for stage in self.stages)
        return next((stage for stage, end in zip(self.stages, ends, strict=True) if epoch < end), self.stages[-1])

    @property
    def needs_counterparts(self) -> bool:
        return any(stage.pairs for stage in self.stages)

    @property
    def framing(self) -> Framing:
        """What of an image is seen: with a mixture the square that serving cuts, else small squares whole, as the paper
        has them."""
        return "face" if self.mixture else "whole"

    @property
    def recropped(self) -> tuple[str, ...]:
        """The sources whose images are cut to their face box."""
        return self.mixture.recropped if self.mixture else ()

    @property
    def holds_out_validation(self) -> bool:
        return "validation" not in self.fit_splits


def find(name: str) -> Recipe:
    """Load `training/configs/NAME.py`; raises ModuleNotFoundError."""
    recipe = importlib.import_module(f"training.configs.{name}").RECIPE
    assert isinstance(recipe, Recipe)  # noqa: S101 - tells mypy what the config file must hold
    return recipe


def find_framing(name: str) -> Framing:
    """What the recipe of a bundle sees of an image; of one that is not ours, images like those of the paper whole."""
    try:
        return find(name).framing
    except ModuleNotFoundError:
        return "whole"


def describe(name: str) -> str:
    """The first sentence of a recipe's docstring."""
    words = importlib.import_module(f"training.configs.{name}").__doc__ or ""
    return words.strip().splitlines()[0]


def find_command(name: str) -> str:
    """The command in a recipe's docstring that trained its published run."""
    lines = (importlib.import_module(f"training.configs.{name}").__doc__ or "").splitlines()
    return next(line.removeprefix("Command: ") for line in lines if line.startswith("Command: "))
