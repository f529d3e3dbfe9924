"""A folder with a trained model: its card, and its files handed out only when their hash is right."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from detector import errors, strength
from detector.card import (
    SCORE_BINS,
    Bands,
    Card,
    CellOrder,
    EngineCard,
    ErrorRate,
    Faithfulness,
    FileCard,
    Interval,
    Network,
    Summary,
)
from detector.preprocess import InputSpec
from detector.strength import LikelihoodRatio, StrengthBand
from detector.verdict import Calibration, Thresholds

CARD = "card.json"


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
        content = (folder / CARD).read_bytes()
    except OSError as error:
        raise errors.BundleMissing(CARD) from error
    try:
        card = _parse(json.loads(content.decode("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise errors.BundleCorrupt(CARD) from error
    if card.version != derive_version(card):
        raise errors.BundleCorrupt(f"{CARD}: version")
    return Bundle(folder, card)


def save(folder: Path, card: Card) -> None:
    """Write the card beside its files."""
    (folder / CARD).write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def derive_version(card: Card) -> str:
    """Name and a hash of all that can change a verdict or its strength: files, input, calibration, thresholds, the
    out-of-distribution model, the strength scale."""
    decisive = asdict(card)
    decisive = {key: decisive[key] for key in ("input", "scaling", "classes", "head", "engines", "novelty")}
    # Bundles from before there was novelty, or a strength scale, keep their names.
    if card.novelty is None:
        del decisive["novelty"]
    for engine in decisive["engines"].values():
        del engine["bands"], engine["score_shares"]
        if engine["strength_scale"] is None:
            del engine["strength_scale"]
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
        network=_one_of(card.get("network", "mobilenet"), *get_args(Network)),
        novelty=_parse_optional_file(card.get("novelty")),
        spectrum=_parse_optional_file(card.get("spectrum")),
        error_rates=tuple(_parse_error_rate(rate) for rate in card.get("error_rates") or ()),
        faithfulness=_parse_faithfulness(card["faithfulness"]) if card.get("faithfulness") else None,
    )


def _parse_optional_file(entry: Any) -> FileCard | None:
    return None if entry is None else FileCard(**_parse_file(entry))


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
    is_finite = math.isfinite(calibration.temperature) and math.isfinite(calibration.bias)
    if not (is_finite and calibration.temperature > 0 and 0 <= thresholds.real_below <= thresholds.fake_from):
        raise ValueError("calibration or thresholds out of range")
    bands = _parse_bands(entry["bands"]) if entry.get("bands") else None
    shares = _parse_shares(entry["score_shares"]) if entry.get("score_shares") else None
    scale = _parse_scale(entry["strength_scale"]) if entry.get("strength_scale") else None
    return EngineCard(
        **_parse_file(entry),
        calibration=calibration,
        thresholds=thresholds,
        bands=bands,
        score_shares=shares,
        strength_scale=scale,
    )


def _parse_shares(entry: Any) -> tuple[float, ...]:
    shares = tuple(float(share) for share in entry)
    if len(shares) != SCORE_BINS or min(shares) < 0 or not math.isclose(sum(shares), 1, abs_tol=0.01):
        raise ValueError("shares of scores do not add up")
    return shares


def _parse_scale(entry: Any) -> tuple[StrengthBand, ...]:
    scale = tuple(
        StrengthBand(
            score_low=float(band["score_low"]),
            score_high=float(band["score_high"]),
            likelihood_ratio=LikelihoodRatio(
                **{end: float(band["likelihood_ratio"][end]) for end in ("value", "low", "high")}
            ),
            fakes=int(band["fakes"]),
            reals=int(band["reals"]),
        )
        for band in entry
    )
    strength.check_scale(scale)
    return scale


def _parse_bands(entry: Any) -> Bands:
    shares = ("false_alarm_limit", "miss_limit", "false_alarm_bound", "miss_bound")
    return Bands(reals=int(entry["reals"]), fakes=int(entry["fakes"]), **{name: float(entry[name]) for name in shares})


def _parse_summary(entry: Any) -> Summary:
    accuracy, auc = (_parse_interval(entry[measure]) for measure in ("accuracy", "auc"))
    return Summary(split=str(entry["split"]), n=int(entry["n"]), accuracy=accuracy, auc=auc)


def _parse_error_rate(entry: Any) -> ErrorRate:
    low, high = entry["rule"]["jpeg_quality"]
    return ErrorRate(
        name=str(entry["name"]),
        rule={"jpeg_quality": (int(low), int(high))},
        reals=int(entry["reals"]),
        fakes=int(entry["fakes"]),
        **{name: _parse_interval(entry[name]) for name in ("false_alarms", "misses", "coverage")},
    )


def _parse_faithfulness(entry: Any) -> Faithfulness:
    deletion, insertion = (
        {order: _parse_interval(entry[kind][order]) for order in get_args(CellOrder)}
        for kind in ("deletion", "insertion")
    )
    return Faithfulness(n=int(entry["n"]), deletion=deletion, insertion=insertion)


def _parse_interval(entry: Any) -> Interval:
    return Interval(**{key: float(entry[key]) for key in ("value", "low", "high")})


def _one_of(value: Any, *allowed: str) -> Any:
    if value not in allowed:
        raise ValueError(f"{value} is none of {allowed}")
    return value
