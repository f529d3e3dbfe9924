"""What an evaluation works on and what it leaves: the scored images and the report that becomes metrics.json."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.card import Card, EngineCard
from training import scoring, sources
from training.data import Dataset
from training.gate import Gate
from training.grid import Grid
from training.intervals import Floats
from training.metrics import Metrics, Rates
from training.prepare import Example
from training.recipe import Split
from training.slices import Slice


@dataclass(frozen=True)
class Scored:
    """A dataset under every engine of a bundle, logits (n,) by engine's name."""

    folder: Path
    card: Card
    dataset: Dataset
    logits: dict[str, Floats]

    @property
    def engine(self) -> EngineCard:
        """The card of the engine that serves."""
        return self.card.engines[scoring.SERVES]

    @property
    def served(self) -> Floats:
        """The logits of the engine that serves."""
        return self.logits[scoring.SERVES]

    def in_scope(self) -> "Scored":
        """Without the fakes that nobody claims to find."""
        return self.take(np.array([is_in_scope(example) for example in self.dataset.examples], dtype=bool))

    def take(self, chosen: NDArray[np.bool_]) -> "Scored":
        places = np.flatnonzero(chosen)
        if len(places) == len(self.dataset):
            return self  # no copy of pixels that may outgrow memory
        examples = [self.dataset.examples[place] for place in places]
        dataset = Dataset(examples, self.dataset.pixels[places], self.dataset.labels[places])
        return Scored(self.folder, self.card, dataset, {name: z[places] for name, z in self.logits.items()})


@dataclass(frozen=True)
class Report:
    """What metrics.json holds; `agreement` is each engine's share of results equal to Keras' own.

    `sources`, `families` (a family's fakes against all photographs), `gate`, `robustness` and `slices` are the
    serving engine's; the last three None where only clean images were asked for. Fakes of `out_of_scope` sources
    are measured there and count in nothing else.
    """

    recipe: str
    version: str
    trained_on: str
    data: str
    split: Split
    engines: dict[str, Metrics]
    agreement: dict[str, float]
    sources: dict[str, Rates]
    families: dict[str, Rates]
    out_of_scope: list[str]
    gate: Gate | None = None
    robustness: Grid | None = None
    slices: list[Slice] | None = None


def is_in_scope(example: Example) -> bool:
    return example.label == "real" or find_family(example) != "edit"


def find_family(example: Example) -> str | None:
    """The family of an image's generator, None for photographs and where it is not known."""
    return sources.find_family(example.source, example.label, example.generator)
