import hashlib
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from detector import Detector, bundle, errors, novelty
from detector.card import Bands, Card, CellOrder, ErrorRate, Faithfulness, FileCard, Interval
from detector.novelty import Novelty
from detector.strength import LikelihoodRatio, StrengthBand
from detector.verdict import Calibration, Thresholds
from tests.conftest import ROOT
from tests.detector.conftest import Sample


@pytest.fixture
def copy(sample: Sample, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample.folder, tmp_path / "bundle"))


def test_a_card_survives_its_file(copy: Path) -> None:
    card = bundle.load(copy).card

    bundle.save(copy, card)

    assert bundle.load(copy).card == card


def test_a_strength_scale_survives_its_file_and_is_part_of_the_version(copy: Path) -> None:
    card = bundle.load(copy).card
    assert all(entry.strength_scale is None for entry in card.engines.values())
    scale = (
        StrengthBand(0.0, 0.5, LikelihoodRatio(0.1, 0.05, 0.2), fakes=30, reals=300),
        StrengthBand(0.5, 1.0, LikelihoodRatio(10.0, 5.0, 20.0), fakes=300, reals=30),
    )
    engines = {name: replace(entry, strength_scale=scale) for name, entry in card.engines.items()}
    measured = replace(card, engines=engines)
    measured = replace(measured, version=bundle.derive_version(measured))

    bundle.save(copy, measured)

    assert bundle.load(copy).card == measured
    assert measured.version != card.version


def test_a_card_from_before_strength_scales_loads_without_one(copy: Path) -> None:
    card = json.loads((copy / "card.json").read_text())
    for entry in card["engines"].values():
        del entry["strength_scale"]
    (copy / "card.json").write_text(json.dumps(card))

    assert all(entry.strength_scale is None for entry in bundle.load(copy).card.engines.values())


def test_a_strength_scale_with_a_gap_is_refused(copy: Path) -> None:
    card = json.loads((copy / "card.json").read_text())
    ratio = {"value": 1.0, "low": 0.5, "high": 2.0}
    band = {"score_low": 0.0, "score_high": 0.9, "likelihood_ratio": ratio, "fakes": 10, "reals": 10}
    card["engines"]["litert-int8"]["strength_scale"] = [band]
    (copy / "card.json").write_text(json.dumps(card))

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


def test_a_missing_folder_and_a_missing_file_are_called_missing(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.BundleMissing):
        Detector.open(tmp_path / "nowhere")

    (copy / "litert-int8.tflite").unlink()
    with pytest.raises(errors.BundleMissing, match=r"litert-int8\.tflite"):
        Detector.open(copy)


@pytest.mark.parametrize(
    ("file", "engine"),
    [
        ("litert-int8.tflite", "litert-int8"),
        ("litert-float32.tflite", "litert-float32"),
        ("keras.weights.h5", "keras"),
        ("head.npz", "litert-int8"),
    ],
)
def test_a_changed_byte_in_any_file_is_refused(copy: Path, file: str, engine: str) -> None:
    content = bytearray((copy / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / file).write_bytes(content)

    with pytest.raises(errors.BundleCorrupt, match=file.split(".")[0]):
        Detector.open(copy, engine)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda card: card.pop("engines"),
        lambda card: card["input"].update(size="large"),
        lambda card: card["input"].update(resampling="nearest"),
        lambda card: card["head"].update(file="../head.npz"),
        lambda card: card["engines"]["litert-int8"]["calibration"].update(temperature=0),
        lambda card: card["input"].update(size=float("inf")),
        lambda card: card["engines"]["litert-int8"]["thresholds"].update(real_below=0.9, fake_from=0.1),
        lambda card: card["engines"]["litert-int8"]["thresholds"].update(fake_from=0.7),
        lambda card: card["engines"]["litert-int8"].update(score_shares=[0.1] * 9),
        lambda card: card["engines"]["litert-int8"].update(score_shares=[0.2] * 10),
        lambda card: card["engines"]["litert-int8"].update(score_shares=[1.5, -0.5] + [0.0] * 8),
        lambda card: card["engines"]["litert-int8"].update(score_shares=[float("nan")] * 10),
        lambda card: card.update(engines=[]),
    ],
)
def test_a_card_that_makes_no_sense_or_was_edited_is_refused(copy: Path, spoil: Callable[[Any], None]) -> None:
    card = json.loads((copy / "card.json").read_text())
    spoil(card)
    (copy / "card.json").write_text(json.dumps(card))

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


@pytest.mark.parametrize(("key", "number"), [("bias", math.nan), ("bias", math.inf), ("temperature", math.inf)])
def test_a_calibration_that_gives_no_probability_is_refused(copy: Path, key: str, number: float) -> None:
    card = bundle.load(copy).card
    entry = card.engines["litert-int8"]
    odd = {**card.engines, "litert-int8": replace(entry, calibration=replace(entry.calibration, **{key: number}))}
    edited = replace(card, engines=odd)
    bundle.save(copy, replace(edited, version=bundle.derive_version(edited)))

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'"card"', b"\xff\xfe{}", b"[" * 100_000])
def test_a_card_that_is_no_card_is_refused(copy: Path, text: bytes) -> None:
    (copy / "card.json").write_bytes(text)

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


def test_the_version_names_the_recipe_and_changes_with_the_content(sample: Sample) -> None:
    card = bundle.load(sample.folder).card

    assert card.version.startswith(f"{card.recipe}-")
    assert len(card.version) == len(card.recipe) + 9


def test_without_held_out_images_nothing_is_calibrated(sample: Sample) -> None:
    for engine in bundle.load(sample.folder).card.engines.values():
        assert engine.calibration == Calibration(temperature=1.0, bias=0.0)
        assert engine.thresholds == Thresholds(real_below=0.5, fake_from=0.5)


ORDERS = get_args(CellOrder)
BANDS = Bands(0.01, 0.05, 935, 940, 0.0098, 0.047)
SHARES = (0.4, 0.05, 0.02, 0.01, 0.01, 0.01, 0.02, 0.03, 0.05, 0.4)
HALF = Interval(0.5, 0.4, 0.6)
RATES = tuple(
    ErrorRate(f"JPEG quality {low} to {high}", {"jpeg_quality": (low, high)}, 400, 420, HALF, HALF, HALF)
    for low, high in ((40, 69), (70, 89), (90, 100))
)

FAITHFUL = Faithfulness(100, dict.fromkeys(ORDERS, HALF), dict.fromkeys(ORDERS, HALF))


def test_bands_shares_error_rates_faithfulness_novelty_and_spectrum_survive_the_cards_file(copy: Path) -> None:
    card = _write_extended(copy)

    again = bundle.load(copy).card

    assert again == card
    assert again.engines["litert-int8"].bands == BANDS
    assert again.engines["litert-int8"].score_shares == SHARES
    assert again.error_rates == RATES
    assert again.faithfulness == FAITHFUL


def test_only_what_can_change_a_verdict_is_part_of_the_version(copy: Path) -> None:
    card = bundle.load(copy).card
    extended = _extend(card)

    assert bundle.derive_version(replace(extended, novelty=None)) == card.version
    assert bundle.derive_version(extended) != card.version


def test_a_bundle_from_before_these_fields_keeps_its_version_and_works(copy: Path) -> None:
    text = json.loads((copy / "card.json").read_text())
    for field in ("novelty", "spectrum", "error_rates", "faithfulness"):
        del text[field]
    for engine in text["engines"].values():
        del engine["bands"], engine["score_shares"]
    (copy / "card.json").write_text(json.dumps(text))

    opened = Detector.open(copy)

    assert opened.version == text["version"]
    assert opened.card.error_rate_for(80) is None
    assert opened.card.novelty is opened.card.spectrum is None


def test_the_shipped_bundle_is_still_what_its_card_says() -> None:
    card = bundle.load(ROOT / "models" / "best").card

    assert card.version == bundle.derive_version(card)


def test_the_error_rate_is_that_of_the_images_quality(copy: Path) -> None:
    card = _write_extended(copy)

    assert [card.error_rate_for(quality) for quality in (39, 40, 69, 70, 100)] == [
        None,
        RATES[0],
        RATES[0],
        RATES[1],
        RATES[2],
    ]
    assert card.error_rate_for(None) is None


def test_a_changed_novelty_is_refused(copy: Path) -> None:
    _write_extended(copy)
    Detector.open(copy)
    content = bytearray((copy / "novelty.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "novelty.npz").write_bytes(content)

    with pytest.raises(errors.BundleCorrupt, match="novelty"):
        Detector.open(copy)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda card: card.update(novelty={"file": "../novelty.npz", "sha256": ""}),
        lambda card: card.update(spectrum={"file": "spectrum.npz"}),
        lambda card: card["error_rates"][0]["rule"].update(jpeg_quality=[1]),
        lambda card: card["error_rates"][0].pop("misses"),
        lambda card: card["faithfulness"]["insertion"].pop("centre"),
        lambda card: card["engines"]["litert-int8"]["bands"].pop("reals"),
    ],
)
def test_optional_fields_that_make_no_sense_are_refused(copy: Path, spoil: Callable[[Any], None]) -> None:
    _write_extended(copy)
    card = json.loads((copy / "card.json").read_text())
    spoil(card)
    (copy / "card.json").write_text(json.dumps(card))

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


def _write_extended(folder: Path) -> Card:
    ones = np.ones(4, dtype=np.float32)
    (folder / "novelty.npz").write_bytes(novelty.dump(Novelty(ones, np.eye(4, dtype=np.float32), ones, 3.0)))
    sha256 = hashlib.sha256((folder / "novelty.npz").read_bytes()).hexdigest()
    extended = _extend(replace(bundle.load(folder).card, novelty=FileCard("novelty.npz", sha256)))
    card = replace(extended, version=bundle.derive_version(extended))
    bundle.save(folder, card)
    return card


def _extend(card: Card) -> Card:
    engines = {name: replace(engine, bands=BANDS, score_shares=SHARES) for name, engine in card.engines.items()}
    known = card.novelty or FileCard("novelty.npz", "0" * 64)
    spectrum = FileCard("spectrum.npz", "1" * 64)
    return replace(card, engines=engines, novelty=known, spectrum=spectrum, error_rates=RATES, faithfulness=FAITHFUL)
