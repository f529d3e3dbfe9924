"""A folder with a trained model: its card, and its files handed out only when their hash is right."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from detector import errors
from detector.preprocess import InputSpec
from detector.verdict import Calibration, Thresholds

CARD = "card.json"

Scaling = Literal["unit", "signed"]


@dataclass(frozen=True)
class FileCard:
    """A file of the bundle by its plain name."""

    file: str
    sha256: str


@dataclass(frozen=True)
class EngineCard(FileCard):
    """One engine's weights and what its own scores mean."""

    calibration: Calibration
    thresholds: Thresholds


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


@dataclass(frozen=True)
class Bundle:
    """A card and the folder its files lie in."""

    folder: Path
    card: Card

    def verify(self, entry: FileCard) -> bytes:
        """Read a file of the card; raises BundleMissing, BundleCorrupt."""
        try:
            content = (self.folder / entry.file).read_bytes()
        except OSError as error:
            raise errors.BundleMissing(entry.file) from error
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise errors.BundleCorrupt(entry.file)
        return content


def load(folder: Path) -> Bundle:
    """Read a bundle's card; raises BundleMissing, BundleCorrupt."""
    try:
        text = (folder / CARD).read_text(encoding="utf-8")
    except OSError as error:
        raise errors.BundleMissing(CARD) from error
    try:
        card = _parse(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.BundleCorrupt(CARD) from error
    if card.version != derive_version(card):
        raise errors.BundleCorrupt(f"{CARD}: version")
    return Bundle(folder, card)


def save(folder: Path, card: Card) -> None:
    """Write the card beside its files."""
    (folder / CARD).write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def derive_version(card: Card) -> str:
    """Name and a hash of all that can change a verdict: files, input, calibration, thresholds."""
    decisive = asdict(card)
    decisive = {key: decisive[key] for key in ("input", "scaling", "classes", "head", "engines")}
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    return f"{card.name}-{digest[:8]}"


def _parse(card: Any) -> Card:
    return Card(
        name=str(card["name"]),
        version=str(card["version"]),
        recipe=str(card["recipe"]),
        input=InputSpec(size=int(card["input"]["size"]), resampling=_one_of(card["input"]["resampling"], "bilinear")),
        scaling=_one_of(card["scaling"], "unit", "signed"),
        classes=tuple(str(name) for name in card["classes"]),
        head=FileCard(**_parse_file(card["head"])),
        engines={str(name): _parse_engine(engine) for name, engine in card["engines"].items()},
        trained_on=str(card["trained_on"]),
        limits=tuple(str(limit) for limit in card["limits"]),
        metrics={str(name): _parse_summary(summary) for name, summary in card["metrics"].items()},
    )


def _parse_file(entry: Any) -> dict[str, str]:
    name = str(entry["file"])
    if Path(name).name != name:
        raise ValueError(f"{name} is not a plain file name")
    return {"file": name, "sha256": str(entry["sha256"])}


def _parse_engine(entry: Any) -> EngineCard:
    calibration = Calibration(
        temperature=float(entry["calibration"]["temperature"]), bias=float(entry["calibration"]["bias"])
    )
    thresholds = Thresholds(
        real_below=float(entry["thresholds"]["real_below"]), fake_from=float(entry["thresholds"]["fake_from"])
    )
    if not (calibration.temperature > 0 and 0 <= thresholds.real_below <= thresholds.fake_from):
        raise ValueError("calibration or thresholds out of range")
    return EngineCard(**_parse_file(entry), calibration=calibration, thresholds=thresholds)


def _parse_summary(entry: Any) -> Summary:
    accuracy, auc = (
        Interval(**{key: float(entry[measure][key]) for key in ("value", "low", "high")})
        for measure in ("accuracy", "auc")
    )
    return Summary(split=str(entry["split"]), n=int(entry["n"]), accuracy=accuracy, auc=auc)


def _one_of(value: Any, *allowed: str) -> Any:
    if value not in allowed:
        raise ValueError(f"{value} is none of {allowed}")
    return value
