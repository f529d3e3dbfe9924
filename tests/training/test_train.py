import json
from dataclasses import replace
from pathlib import Path

import pytest

import detector
from detector import bundle
from training import train
from training.recipe import Recipe


def test_a_smoke_run_writes_every_file_of_the_run_folder(smoke_run: Path) -> None:
    expected = """config.json history.csv curves.png confusion.png roc.png pr.png per_class.csv predictions.csv
        environment.txt metrics.json manifest.csv bundle"""
    assert set(expected.split()) <= {path.name for path in smoke_run.iterdir()}
    assert all(path.stat().st_size > 100 for path in smoke_run.iterdir())


def test_a_run_names_no_path_of_this_machine(smoke_run: Path, textures: Path) -> None:
    for name in ("config.json", "metrics.json", "environment.txt", "bundle/card.json"):
        assert str(textures.parent) not in (smoke_run / name).read_text()


def test_the_bundle_of_a_run_opens_and_carries_its_test_figures(smoke_run: Path) -> None:
    card = bundle.load(smoke_run / "bundle").card
    measured = json.loads((smoke_run / "metrics.json").read_text())["engines"]

    assert detector.Detector.open(smoke_run / "bundle").version == card.version
    for name, summary in card.metrics.items():
        assert summary.split == "test"
        assert summary.accuracy.value == measured[name]["accuracy"]["value"]


def test_missing_weights_are_refused_with_the_path_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))

    with pytest.raises(train.WeightsMissing, match="--weights none") as refusal:
        train.find_weights(None)

    assert str(tmp_path / "weights") in str(refusal.value)
    assert train.find_weights("none") is None


def test_a_run_is_not_continued_with_another_recipe(textures: Path, small_recipe: Recipe, smoke_run: Path) -> None:
    with pytest.raises(ValueError, match="another recipe"):
        train.train(replace(small_recipe, dropout=0.9), textures, None, smoke_run)
