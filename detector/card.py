"""What a bundle says about its model, its engines and its scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from detector.errors import EngineUnknown
from detector.preprocess import InputSpec
from detector.strength import StrengthBand
from detector.verdict import Calibration, Thresholds

SCORE_BINS = 10

Scaling = Literal["unit", "signed"]
CellOrder = Literal["map", "random", "centre"]
Network = Literal[
    "mobilenet", "mobilenet_late_stride", "mobilenet_stride_1", "mobilenet_shallow", "resnet50", "xception"
]


@dataclass(frozen=True)
class FileCard:
    """A file of the bundle by its plain name."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Bands:
    """How the thresholds were chosen: the limits asked for, the images asked, and the bounds reached.

    A bound is the upper end of the one-sided 95 % Clopper-Pearson interval of the errors on those images.
    """

    false_alarm_limit: float
    miss_limit: float
    reals: int
    fakes: int
    false_alarm_bound: float
    miss_bound: float


@dataclass(frozen=True)
class EngineCard(FileCard):
    """One engine's weights and what its own scores mean.

    `score_shares` are the shares of the validation images, as they are, whose calibrated fake probability lies in each
    of SCORE_BINS equal bins from 0 to 1: what later scores are held against. `strength_scale` has the likelihood ratios
    of scores, band by band from 0 to 1. Older cards have neither.
    """

    calibration: Calibration
    thresholds: Thresholds
    bands: Bands | None = None
    score_shares: tuple[float, ...] | None = None
    strength_scale: tuple[StrengthBand, ...] | None = None


@dataclass(frozen=True)
class Interval:
    """A measured share between 0 and 1 with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """How an engine did on n images of a split it was not trained on."""

    split: str
    n: int
    accuracy: Interval
    auc: Interval


@dataclass(frozen=True)
class ErrorRate:
    """How often definite verdicts were wrong on a slice of held-out images, and how many were definite.

    The slice's `rule` gives the ends, both within, of a property: {"jpeg_quality": (70, 89)}.
    """

    name: str
    rule: Mapping[str, tuple[int, int]]
    reals: int
    fakes: int
    false_alarms: Interval
    misses: Interval
    coverage: Interval


@dataclass(frozen=True)
class Faithfulness:
    """Whether maps name what moves the score, on n held-out images: the mean probability that an image's own result
    keeps while its cells are blurred (deletion), or has while they come back (insertion), by the order they go in.

    A map that is right has less than the other orders for deletion, and more for insertion.
    """

    n: int
    deletion: Mapping[CellOrder, Interval]
    insertion: Mapping[CellOrder, Interval]


@dataclass(frozen=True)
class Card:
    """Everything a caller must know about a model; `metrics` is by engine, empty before it is evaluated."""

    name: str
    version: str
    recipe: str
    input: InputSpec
    scaling: Scaling
    classes: tuple[str, ...]
    head: FileCard
    engines: Mapping[str, EngineCard]
    trained_on: str
    limits: tuple[str, ...]
    metrics: Mapping[str, Summary] = field(default_factory=dict)
    network: Network = "mobilenet"
    novelty: FileCard | None = None
    spectrum: FileCard | None = None
    error_rates: tuple[ErrorRate, ...] = ()
    faithfulness: Faithfulness | None = None

    def engine(self, name: str) -> EngineCard:
        """Raises EngineUnknown."""
        if name not in self.engines:
            raise EngineUnknown(name)
        return self.engines[name]

    def error_rate_for(self, jpeg_quality: int | None) -> ErrorRate | None:
        """Those of images of this estimated quality; none are known of a file that is no JPEG."""
        if jpeg_quality is None:
            return None
        slices = ((rate, *rate.rule["jpeg_quality"]) for rate in self.error_rates)
        return next((rate for rate, low, high in slices if low <= jpeg_quality <= high), None)
