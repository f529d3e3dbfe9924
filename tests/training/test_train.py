import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import detector
from detector import bundle
from training import data, prepare, recipe, report, train
from training.recipe import Recipe, Split


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


def test_a_run_that_is_not_continued_with_other_images_keeps_the_list_of_its_own(
    textures: Path, small_recipe: Recipe, smoke_run: Path, tmp_path: Path
) -> None:
    before = (smoke_run / "manifest.csv").read_bytes()
    shutil.copytree(textures, tmp_path / "faces")
    next((tmp_path / "faces" / "real").iterdir()).unlink()

    with pytest.raises(ValueError, match="data"):
        train.train(small_recipe, tmp_path / "faces", None, smoke_run)

    assert (smoke_run / "manifest.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--resume", "no-such-run"], "There is no run no-such-run"), (["--out", "/dev/null"], "/dev/null")],
)
def test_what_cannot_be_trained_into_is_refused_in_a_sentence(
    arguments: list[str], words: str, textures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    always = ["--recipe", "finetuned", "--data", str(textures), "--weights", "none"]
    monkeypatch.setattr(sys, "argv", ["train", *always, *arguments])

    with pytest.raises(SystemExit, match=f"^train: .*{words}"):
        train.main()


def test_an_interrupted_training_says_how_it_goes_on(
    textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "list_examples", interrupt)
    (tmp_path / "run").mkdir()
    run = ["--resume", str(tmp_path / "run")]
    monkeypatch.setattr(
        sys, "argv", ["train", "--recipe", "finetuned", "--data", str(textures), "--weights", "none", *run]
    )

    with pytest.raises(SystemExit, match=r"^train: interrupted.*--resume .*run"):
        train.main()


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_of_one_class_is_refused_before_the_training(
    split: Split, textures: Path, small_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(textures, tmp_path / "faces")
    for example in prepare.list_examples(textures):
        if (example.split, example.label) == (split, "fake"):
            (tmp_path / "faces" / example.path).unlink()
    monkeypatch.delattr(data, "load")

    with pytest.raises(ValueError, match=f"The {split} split holds no fake image"):
        train.train(small_recipe, tmp_path / "faces", None, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_cards_command_names_what_its_recipe_needs(smoke_run: Path, tmp_path: Path) -> None:
    report.write_cards(docs=tmp_path)
    shipped = (tmp_path / "model-card.md").read_text()
    report.publish(smoke_run, tmp_path)
    report.ship(smoke_run, tmp_path)
    report.write_cards(tmp_path, tmp_path)
    smoke = (tmp_path / "model-card.md").read_text()

    assert recipe.find("best").needs_counterparts
    command = '\nmake train RECIPE=best DATA=folder/of/sources ARGS="--counterparts folder/of/counterparts"\n'
    assert command in shipped
    assert "\nmake train RECIPE=finetuned DATA=folder/of/sources\n" in smoke
    assert all("--weights PATH" in page for page in (shipped, smoke))
