import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from detector import bundle
from detector.card import EngineCard
from detector.strength import LikelihoodRatio, StrengthBand
from detector.verdict import Calibration, Thresholds
from training import cards, report, tables


def test_the_cards_are_made_of_the_runs_own_figures(smoke_run: Path, tmp_path: Path) -> None:
    report.publish(smoke_run, tmp_path)
    report.ship(smoke_run, tmp_path)
    report.write_cards(tmp_path, tmp_path)

    page = (tmp_path / "model-card.md").read_text()
    measured = json.loads((smoke_run / "metrics.json").read_text())
    card = bundle.load(smoke_run / "bundle").card
    assert tables.tell(measured["engines"]["litert-int8"]["accuracy"]) in page
    assert measured["version"] in page
    assert measured["trained_on"] in page
    bands = card.engines["litert-int8"].bands
    assert bands is not None
    assert f"on {bands.reals} photographs" in page
    assert all(rate.name in page for rate in card.error_rates)


def test_the_committed_pages_are_what_the_committed_results_give(tmp_path: Path) -> None:
    report.write_cards(docs=tmp_path)

    docs = Path(report.__file__).parent.parent / "docs"
    for name in ("model-card.md", "data-card.md"):
        assert (docs / name).read_text() == (tmp_path / name).read_text()
    assert report.tell_accuracy() in (docs.parent / "README.md").read_text()
    assert report.tell_unseen() in (docs.parent / "README.md").read_text()


def test_a_source_that_another_recipe_was_tested_on_alone_is_set_beside_it() -> None:
    rates = next(one for one in report.read_results() if one["recipe"] == "best")["sources"]["ffhq-stylegan"]

    row = next(line for line in report.render_table().splitlines() if line.startswith("| best | ffhq-stylegan alone"))

    assert f"| {rates['reals'] + rates['fakes']} | {100 * rates['accuracy']['value']:.1f} %" in row


def test_the_readme_tells_the_paper_in_three_rows_on_its_own_data() -> None:
    story = report.render_story().splitlines()

    data = next(one for one in report.read_results() if one["recipe"] == "paper")["data"]
    assert [line.split(" | ")[0] for line in story[2:]] == [f"| {words}" for words in report._STORY.values()]
    assert all(f"| {data} |" in line for line in story[2:])


def test_of_recipes_that_were_not_published_the_story_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    assert report.render_story(tmp_path) == ""

    for name in ("best", "paper"):
        source = Path(report.__file__).parent.parent / "models" / "results" / f"{name}.json"
        (tmp_path / "results" / source.name).write_bytes(source.read_bytes())

    assert len(report.render_story(tmp_path).splitlines()) == 4


def test_the_data_card_counts_the_manifest(tmp_path: Path) -> None:
    report.write_cards(docs=tmp_path)

    page = (tmp_path / "data-card.md").read_text()
    row = next(line for line in page.splitlines() if line.startswith("| ffhq-stylegan |"))
    assert "900 FFHQ | 900 StyleGAN" in row
    assert "CC BY-NC" in row


def test_results_from_before_figures_had_intervals_stay_readable(smoke_run: Path, tmp_path: Path) -> None:
    run = json.loads((smoke_run / "metrics.json").read_text())
    for engine in run["engines"].values():
        for key in ("log_loss", "calibration_error"):
            engine[key] = engine[key]["value"]
        for row in engine["per_class"].values():
            row |= {key: row[key]["value"] for key in ("precision", "recall", "f1")}
    old = {key: run[key] for key in ("recipe", "version", "trained_on", "data", "split", "engines", "agreement")}
    (tmp_path / "new" / "results").mkdir(parents=True)
    (tmp_path / "old" / "results").mkdir(parents=True)
    (tmp_path / "new" / "results" / "one.json").write_text(json.dumps(run))
    (tmp_path / "old" / "results" / "one.json").write_text(json.dumps(old))

    assert report.render_table(tmp_path / "old") == report.render_table(tmp_path / "new")
    assert tables.tell_further(old) == ""


def test_a_bundle_whose_int8_engine_loses_too_much_is_not_shipped(smoke_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "bundle").symlink_to(smoke_run / "bundle")
    failed = {"passed": False, "views": {"clean": {"passed": True}, "jpeg 50": {"passed": False}}}
    (run / "metrics.json").write_text(json.dumps({"gate": failed}))

    with pytest.raises(ValueError, match="jpeg 50"):
        report.ship(run, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_table_has_a_dash_where_a_class_is_missing() -> None:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    rates = dict.fromkeys(("auc", "reals_right", "false_alarms")) | dict.fromkeys(
        ("accuracy", "fakes_right", "hits", "coverage"), figure
    )

    lines = tables.render_parts({"sd3": rates | {"reals": 0, "fakes": 10}}, "source").splitlines()

    assert lines[2].startswith("| sd3 | 0 | 10 | – | 50.0 % (40.0-60.0) | – |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_a_run_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["report", "--publish", str(tmp_path)])

    with pytest.raises(SystemExit, match=r"^report: .*metrics"):
        report.main()


def test_the_strength_scale_is_a_table_with_intervals_and_words() -> None:
    calibration, thresholds = Calibration(1.0, 0.0), Thresholds(0.5, 0.5)
    plain = EngineCard("a", "b", calibration=calibration, thresholds=thresholds)
    low = StrengthBand(0.0, 0.25, LikelihoodRatio(0.05, 0.02, 0.0904), fakes=20, reals=1400)
    high = StrengthBand(0.25, 1.0, LikelihoodRatio(142.3, 101.0, 199.0), fakes=1300, reals=12)

    lines = cards.render_strength_scale(replace(plain, strength_scale=(low, high))).splitlines()

    assert lines[2:] == [
        "| 0.000 to 0.250 | 0.05 (0.02-0.09) | 20 | 1,400 | moderate, camera |",
        "| 0.250 to 1.000 | 140 (100-200) | 1,300 | 12 | strong, synthetic |",
    ]
    assert cards.render_strength_scale(plain) == ""
