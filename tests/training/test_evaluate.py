import csv
import json
import re
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.training.test_unseen import make_rows
from training import data, evaluate, page, prepare, robustness
from training.prepare import Example
from training.unseen import choose_unseen_thresholds, measure_unseen


@pytest.fixture(scope="module")
def thorough(smoke_run: Path, textures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smoke run's bundle with grid, gate and slices, over two sources, one of them with fakes alone."""
    folder, out = tmp_path_factory.mktemp("faces"), tmp_path_factory.mktemp("evaluation")
    shutil.copytree(textures, folder / "one")
    (folder / "two").mkdir()
    shutil.move(folder / "one" / "fake", folder / "two" / "fake")
    (folder / "one" / "fake").mkdir()
    for path in sorted((folder / "two" / "fake").iterdir())[::2]:
        shutil.move(path, folder / "one" / "fake")
    evaluate.evaluate(smoke_run / "bundle", folder, "test", out, grid_images=5)
    return out


@pytest.fixture(scope="module")
def measured(thorough: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((thorough / "metrics.json").read_text())
    return found


def test_evaluate_repeats_every_figure_of_the_run(smoke_run: Path, textures: Path, tmp_path: Path) -> None:
    evaluate.evaluate(smoke_run / "bundle", textures, "test", tmp_path)

    assert json.loads((tmp_path / "metrics.json").read_text()) == json.loads((smoke_run / "metrics.json").read_text())
    assert (tmp_path / "per_class.csv").read_text() == (smoke_run / "per_class.csv").read_text()


def test_the_predictions_are_the_test_images_and_add_up_to_the_confusion(smoke_run: Path) -> None:
    of_engine = json.loads((smoke_run / "metrics.json").read_text())["engines"]["litert-int8"]
    with (smoke_run / "manifest.csv").open(newline="") as file:
        test_images = {row["sha256"] for row in csv.DictReader(file) if row["split"] == "test"}
    with (smoke_run / "predictions.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["engine"] == "litert-int8"]

    assert {row["sha256"] for row in rows} == test_images
    assert sum(row["label"] == "fake" and row["result"] == "FAKE" for row in rows) == of_engine["confusion"][1][1]


def run_command(bundle_folder: Path, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one sentence with which the command refuses."""
    asked = ["--bundle", str(bundle_folder), "--data", str(folder), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["evaluate", *asked])
    with pytest.raises(SystemExit) as refusal:
        evaluate.main()
    assert not out.exists()
    return str(refusal.value.code)


def test_the_command_refuses_a_missing_folder_and_a_missing_bundle_in_one_sentence(
    smoke_run: Path, textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, out = tmp_path / "gone", tmp_path / "out"

    assert run_command(smoke_run / "bundle", gone, out, monkeypatch) == f"evaluate: There is no folder {gone}."
    assert run_command(gone, textures, out, monkeypatch).startswith("evaluate: The model's folder")


def keep_real_alone(split: str, folder: Path, kept: Path) -> list[Example]:
    """A copy of a folder whose split has lost its fakes."""
    shutil.copytree(folder, kept)
    for example in prepare.list_examples(folder):
        if example.split == split and example.label == "fake":
            (kept / example.path).unlink()
    return prepare.list_examples(kept)


def test_the_command_refuses_a_split_of_one_class_before_anything_is_decoded(
    smoke_run: Path, textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_real_alone("test", textures, tmp_path / "faces")
    monkeypatch.delattr(data, "load")

    refusal = run_command(smoke_run / "bundle", tmp_path / "faces", tmp_path / "out", monkeypatch)

    assert refusal.startswith("evaluate: The test split holds no fake image:")


def test_fakes_that_nobody_claims_to_find_make_no_class(textures: Path, tmp_path: Path) -> None:
    examples = keep_real_alone("test", textures, tmp_path / "faces")
    edit = next(one for one in prepare.list_examples(textures) if one.split == "test" and one.label == "fake")

    evaluate.check([*examples, edit], "test")
    with pytest.raises(ValueError, match="no fake image"):
        evaluate.check([*examples, replace(edit, source="portraits-photoshop")], "test")


def test_every_degradation_is_measured_on_the_same_few_images(measured: dict[str, Any]) -> None:
    grid = measured["robustness"]

    assert list(grid["cells"]) == ["clean", *robustness.GRID]
    assert 10 <= grid["n"] <= 15
    assert {cell["reals"] + cell["fakes"] for cell in grid["cells"].values()} == {grid["n"]}


def test_each_source_is_measured_by_itself_also_without_photographs(measured: dict[str, Any]) -> None:
    one, two = measured["sources"]["one"], measured["sources"]["two"]

    assert one["auc"] is not None
    assert two["auc"] is two["false_alarms"] is None
    assert two["hits"]["n"] == two["fakes"] > 0
    assert one["reals"] + one["fakes"] + two["fakes"] == measured["engines"]["litert-int8"]["n"]


def test_each_trait_sorts_every_image_into_one_slice(measured: dict[str, Any]) -> None:
    counts: dict[str, int] = {}
    for one in measured["slices"]:
        counts[one["trait"]] = counts.get(one["trait"], 0) + one["rates"]["reals"] + one["rates"]["fakes"]

    assert set(counts) == {"brightness", "sharpness", "face width", "JPEG quality", "skin tone"}
    assert set(counts.values()) == {measured["engines"]["litert-int8"]["n"]}


def test_the_gate_looks_at_clean_compressed_and_halved_images(measured: dict[str, Any]) -> None:
    views = measured["gate"]["views"]

    assert list(views) == ["clean", "jpeg 50", "resize 0.5"]
    assert measured["gate"]["passed"] == all(view["passed"] for view in views.values())


def test_the_page_holds_all_it_shows(thorough: Path) -> None:
    page = (thorough / "report.html").read_text()

    shown = re.findall(r'(?:src|href)="([^"]{0,30})', page)
    assert len(shown) >= 6
    assert all(address.startswith("data:image/") for address in shown)
    assert "Worst false alarms" in page
    assert "skin tone" in page
    assert "resize 0.375" in page


def test_the_page_begins_with_what_its_recipe_was_never_trained_on(
    smoke_run: Path, textures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_rows()
    unseen = measure_unseen(rows, choose_unseen_thresholds(rows), "finetuned")
    monkeypatch.setattr(page, "_RESULTS", tmp_path)

    def render(recipe: str) -> str:
        (tmp_path / "unseen.json").write_text(json.dumps(asdict(replace(unseen, recipe=recipe))))
        evaluate.evaluate(smoke_run / "bundle", textures, "test", tmp_path / "out")
        return (tmp_path / "out" / "report.html").read_text()

    text = render("finetuned")
    assert text.index("What was never trained on") < text.index("<td>webcam</td>") < text.index("<h2>Figures</h2>")
    assert "What was never trained on" not in render("another")


def test_images_are_split_as_a_manifest_says(smoke_run: Path, textures: Path, tmp_path: Path) -> None:
    examples = [replace(one, split="test") for one in prepare.list_examples(textures)[:20]]
    prepare.write_manifest(examples, tmp_path / "manifest.csv")
    assert prepare.read_manifest(tmp_path / "manifest.csv") == examples

    found = evaluate.evaluate(smoke_run / "bundle", textures, "test", tmp_path / "out", examples=examples)

    assert found.engines["keras"].n == 20


def test_fakes_out_of_scope_count_in_their_own_row_alone(smoke_run: Path, textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path / "textures")
    shutil.copytree(textures, tmp_path / "portraits-photoshop")
    shutil.rmtree(tmp_path / "portraits-photoshop" / "real")
    shutil.rmtree(tmp_path / "textures" / "fake")
    shutil.copytree(textures / "fake", tmp_path / "more" / "fake")
    for path in sorted((textures / "fake").iterdir())[:20]:
        (tmp_path / "more" / "fake" / path.name).unlink()
    for path in sorted((textures / "fake").iterdir())[20:]:
        (tmp_path / "portraits-photoshop" / "fake" / path.name).unlink()

    report = evaluate.evaluate(smoke_run / "bundle", tmp_path, "test", tmp_path / "out")

    assert report.out_of_scope == ["portraits-photoshop"]
    assert report.sources["portraits-photoshop"].fakes > 0
    assert report.engines["litert-int8"].fakes == report.sources["more"].fakes
