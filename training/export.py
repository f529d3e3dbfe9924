"""A trained model becomes a bundle: a file for each engine, and a card of what its scores mean."""

import hashlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from detector import bundle, explain
from detector.card import Card, EngineCard, ErrorRate, FileCard
from detector.explain import Head
from detector.preprocess import InputSpec
from detector.verdict import Calibration, Thresholds
from training import (
    calibration,
    faithfulness,
    gate,
    metrics,
    prepare,
    profiles,
    quantise,
    robustness,
    rounding,
    scoring,
    sources,
)
from training.data import Dataset
from training.gate import Gate
from training.intervals import plain
from training.prepare import LABELS
from training.recipe import Recipe

_FILES = {
    "litert-int8": "litert-int8.tflite",
    "litert-float32": "litert-float32.tflite",
    "keras": "keras.weights.h5",
}
# Slices of estimated JPEG quality, each with the quality that stands for it.
_QUALITIES = {(90, 100): 95, (70, 89): 80, (50, 69): 60, (40, 49): 45, (0, 39): 30}

_LIMITS = (
    "It knows the traces of the images it was trained on; fakes of other kinds, retouching and edits mostly pass "
    "unseen.",
    "Strong compression, scaling, screenshots and filters remove these traces; scores of such images mean less.",
    "Photographs from other sources than the training's may be called fake more often than the test shows.",
    "'Real' means that no known trace was found; it never proves that a photograph is authentic.",
    "Probabilities assume as many fakes as photographs; where fakes are rare, most alarms can be false.",
)


def write_bundle(
    recipe: Recipe,
    backbone: keras.Model,
    model: keras.Model,
    train: Dataset,
    validation: Dataset | None,
    *,
    origin: str,
    folder: Path,
) -> Card:
    """Write every engine's file and the card; without validation images nothing is calibrated."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = InputSpec(size=recipe.input_size)
    representatives = quantise.pick_representatives(train, spec)
    rounding.round_kernels(backbone, representatives)
    (folder / "head.npz").write_bytes(explain.dump_head(read_head(recipe, model)))
    quantise.write_keras(backbone, folder / _FILES["keras"])
    (folder / _FILES["litert-float32"]).write_bytes(quantise.convert(backbone))
    (folder / _FILES["litert-int8"]).write_bytes(quantise.quantise(backbone, representatives))
    card = Card(
        name=recipe.name,
        version="",
        recipe=recipe.name,
        input=spec,
        scaling=recipe.scaling,
        network=recipe.network,
        classes=LABELS,
        head=_file_card(folder, "head.npz"),
        engines={name: _uncalibrated(_file_card(folder, file)) for name, file in _FILES.items()},
        trained_on=_describe(train, origin),
        limits=_LIMITS,
    )
    _save(folder, card)
    if validation is not None:
        card = replace(card, engines=_calibrate(folder, card, validation))
        card = _profile(folder, card, train, validation)
        card = replace(card, error_rates=measure_error_rates(folder, card, validation))
        engine = scoring.open_engine(folder, scoring.SERVES)
        card = replace(card, faithfulness=faithfulness.measure(engine, card.engines[scoring.SERVES], validation))
        card = replace(card, limits=card.limits + _tell_gate(gate.measure(folder, card, validation)))
    return _save(folder, card)


def read_head(recipe: Recipe, model: keras.Model) -> Head:
    if recipe.head == "linear":
        weights, bias = model.get_layer("logit").get_weights()
        return Head(weights=weights[:, 0], bias=float(bias[0]))
    hidden_weights, hidden_bias = model.get_layer("hidden").get_weights()
    weights, bias = model.get_layer("softmax").get_weights()
    # The logit of a two-way softmax is the difference of its inputs.
    return Head(
        weights=weights[:, 1] - weights[:, 0],
        bias=float(bias[1] - bias[0]),
        hidden_weights=hidden_weights,
        hidden_bias=hidden_bias,
    )


def _save(folder: Path, card: Card) -> Card:
    versioned = replace(card, version=bundle.derive_version(card))
    bundle.save(folder, versioned)
    return versioned


def _calibrate(folder: Path, card: Card, validation: Dataset) -> dict[str, EngineCard]:
    """Each engine on its own scores of the validation images, clean and mixed, since quantisation moves the bias."""
    mixed = robustness.degrade(robustness.MIX, validation, card.input)
    weights = prepare.weigh(validation.examples, {})
    calibrated = {}
    for name, entry in card.engines.items():
        engine = scoring.open_engine(folder, name)
        views = [scoring.score(engine, pixels) for pixels in (validation.pixels, mixed)]
        fitted = calibration.fit(
            np.concatenate(views), np.tile(validation.labels, len(views)), np.tile(weights, len(views))
        )
        probabilities = [calibration.find_probabilities(logits, fitted) for logits in views]
        thresholds, bands = calibration.choose_thresholds(probabilities, validation.labels)
        shares = calibration.find_shares(probabilities[0])
        calibrated[name] = replace(entry, calibration=fitted, thresholds=thresholds, bands=bands, score_shares=shares)
    return calibrated


def _profile(folder: Path, card: Card, train: Dataset, validation: Dataset) -> Card:
    """What familiar images look like: to the engine that serves, and in their spectrum."""
    engine = scoring.open_engine(folder, scoring.SERVES)
    profiles.write_novelty(engine, train, validation, card.input, folder / "novelty.npz")
    profiles.write_spectrum(train, folder / "spectrum.npz")
    return replace(card, novelty=_file_card(folder, "novelty.npz"), spectrum=_file_card(folder, "spectrum.npz"))


def measure_error_rates(folder: Path, card: Card, validation: Dataset) -> tuple[ErrorRate, ...]:
    """What verdicts are worth on the validation images after one more JPEG of each slice's quality."""
    engine = scoring.open_engine(folder, scoring.SERVES)
    rates = []
    for (low, high), quality in _QUALITIES.items():
        pixels = robustness.degrade(f"jpeg {quality}", validation, card.input)
        measured = metrics.measure_part(scoring.score(engine, pixels), validation.labels, card.engines[scoring.SERVES])
        if measured.false_alarms is None or measured.misses is None:
            raise ValueError("Error rates need validation images of both classes.")
        rates.append(
            ErrorRate(
                name=f"JPEG quality {low} to {high}",
                rule={"jpeg_quality": (low, high)},
                reals=measured.reals,
                fakes=measured.fakes,
                false_alarms=plain(measured.false_alarms),
                misses=plain(measured.misses),
                coverage=plain(measured.coverage),
            )
        )
    return tuple(rates)


def _file_card(folder: Path, name: str) -> FileCard:
    return FileCard(name, hashlib.sha256((folder / name).read_bytes()).hexdigest())


def _uncalibrated(file: FileCard) -> EngineCard:
    calibration, thresholds = Calibration(temperature=1.0, bias=0.0), Thresholds(real_below=0.5, fake_from=0.5)
    return EngineCard(file=file.file, sha256=file.sha256, calibration=calibration, thresholds=thresholds)


def _describe(train: Dataset, origin: str) -> str:
    fakes = int(np.sum(train.labels))
    labels: dict[str, set[str]] = {}
    for example in train.examples:
        labels.setdefault(example.source or origin, set()).add(example.label)
    words = "; ".join(_describe_source(name, labels[name]) for name in sorted(labels))
    return f"{len(train):,} face images, {len(train) - fakes:,} real and {fakes:,} fake: {words}."


def _describe_source(name: str, labels: set[str]) -> str:
    if name not in sources.KNOWN:
        return f"the folder '{name}'"
    known = sources.KNOWN[name]
    parts = [part for label, part in (("real", known.reals), ("fake", known.fakes)) if label in labels]
    return f"{name} ({' and '.join(parts)}; {known.licence})"


def _tell_gate(measured: Gate) -> tuple[str, ...]:
    if measured.passed:
        return ()
    worst = min(view.agreement.value for view in measured.views.values())
    return (
        "The int8 engine loses more against float32 than this project allows: on validation images, clean, compressed "
        f"and halved, as few as {100 * worst:.1f} % of results are the same.",
    )
