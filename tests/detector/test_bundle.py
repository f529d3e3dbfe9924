import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector import Detector, bundle, errors
from detector.verdict import Calibration, Thresholds
from tests.detector.conftest import Sample


@pytest.fixture
def copy(sample: Sample, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample.folder, tmp_path / "bundle"))


def test_a_card_survives_its_file(copy: Path) -> None:
    card = bundle.load(copy).card

    bundle.save(copy, card)

    assert bundle.load(copy).card == card


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
        lambda card: card["engines"]["litert-int8"]["thresholds"].update(real_below=0.9, fake_from=0.1),
        lambda card: card["engines"]["litert-int8"]["thresholds"].update(fake_from=0.7),
        lambda card: card.update(engines=[]),
    ],
)
def test_a_card_that_makes_no_sense_or_was_edited_is_refused(copy: Path, spoil: Callable[[Any], None]) -> None:
    card = json.loads((copy / "card.json").read_text())
    spoil(card)
    (copy / "card.json").write_text(json.dumps(card))

    with pytest.raises(errors.BundleCorrupt):
        bundle.load(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"card"'])
def test_a_card_that_is_no_card_is_refused(copy: Path, text: str) -> None:
    (copy / "card.json").write_text(text)

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
