import csv
import json
from pathlib import Path

from training import evaluate


def test_evaluate_repeats_every_figure_of_the_run(smoke_run: Path, textures: Path, tmp_path: Path) -> None:
    evaluate.evaluate(smoke_run / "bundle", textures, "test", tmp_path)

    assert json.loads((tmp_path / "metrics.json").read_text()) == json.loads((smoke_run / "metrics.json").read_text())
    assert (tmp_path / "per_class.csv").read_text() == (smoke_run / "per_class.csv").read_text()


def test_the_predictions_are_the_test_images_and_add_up_to_the_confusion(smoke_run: Path) -> None:
    measured = json.loads((smoke_run / "metrics.json").read_text())["engines"]["litert-int8"]
    with (smoke_run / "manifest.csv").open(newline="") as file:
        test_images = {row["sha256"] for row in csv.DictReader(file) if row["split"] == "test"}
    with (smoke_run / "predictions.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["engine"] == "litert-int8"]

    assert {row["sha256"] for row in rows} == test_images
    assert sum(row["label"] == "fake" and row["result"] == "FAKE" for row in rows) == measured["confusion"][1][1]
