import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest

from training import report, score_rows, tables, unseen
from training.score_rows import ScoreRow

FAKES = {"sd3": "diffusion", "sdxl-flux": "diffusion", "stylegan2-ffhq": "gan"}
FOLD_OF = {"diffusion": "one", "gan": "two"}


def draw(rng: np.random.Generator, middle: float, n: int = 200) -> list[float]:
    return [float(score) for score in np.clip(rng.normal(middle, 0.15, n), 0.001, 0.999)]


def make_rows(middles: dict[str, float] | None = None) -> list[ScoreRow]:
    """Scores of two folds: each left out a family and the webcam photographs, and also trained on utkface."""
    rng = np.random.default_rng(5)
    middles = {"sd3": 0.7, "sdxl-flux": 0.8, "stylegan2-ffhq": 0.6, "webcam": 0.3, "utkface": 0.1, **(middles or {})}
    rows = []
    for split in ("validation", "test"):
        for source, family in FAKES.items():
            rows += [
                ScoreRow(f"{source}{split}{n}", source, "fake", family, split, FOLD_OF[family], score)
                for n, score in enumerate(draw(rng, middles[source]))
            ]
        for source in ("webcam", "utkface"):
            rows += [
                ScoreRow(f"{source}{split}{n}", source, "real", "", split, fold, score, source == "utkface")
                for fold in ("one", "two")
                for n, score in enumerate(draw(rng, middles[source], 400))
            ]
    return rows


def write(rows: Sequence[ScoreRow], path: Path) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([{"is_seen": "seen"}.get(field.name, field.name) for field in fields(ScoreRow)])
        writer.writerows([*list(asdict(row).values())[:-1], int(row.is_seen)] for row in rows)
    return path


def test_real_is_said_where_at_most_a_twentieth_of_each_family_left_out_scores_so_low() -> None:
    rows = make_rows()

    bands = unseen.choose_unseen_thresholds(rows)

    for family, n in (("diffusion", 400), ("gan", 200)):
        scores = [row.fake_probability for row in rows if row.family == family and row.split == "validation"]
        assert len(scores) == n == bands.fakes[family]
        assert np.mean(np.array(scores) < bands.thresholds.real_below) <= 0.05
    assert bands.miss_rule == "bound"
    assert bands.miss_bound <= 0.05
    assert bands.thresholds.real_below > 0.2


def test_the_hardest_family_sets_the_threshold() -> None:
    easy, hard = (unseen.choose_unseen_thresholds(make_rows({"stylegan2-ffhq": middle})) for middle in (0.9, 0.4))

    assert hard.thresholds.real_below < easy.thresholds.real_below


def test_fake_is_said_where_at_most_a_hundredth_of_photographs_of_sources_left_out_scores_so_high() -> None:
    rows = make_rows()

    bands = unseen.choose_unseen_thresholds(rows)
    with_seen = unseen.choose_unseen_thresholds([replace(row, is_seen=False) for row in rows])

    scores = np.array([row.fake_probability for row in rows if row.source == "webcam" and row.split == "validation"])
    # Both folds scored each of them, which makes them no more.
    assert len(scores) == 2 * bands.photographs
    assert np.mean(scores >= bands.thresholds.fake_from) <= 0.015
    assert bands.thresholds.fake_from > 0.5
    # The photographs that were trained on score lower, and have no say.
    assert with_seen.thresholds.fake_from < bands.thresholds.fake_from


def test_where_no_bound_leaves_a_verdict_the_quantile_decides_and_says_so() -> None:
    rows = [row for row in make_rows() if row.source != "sdxl-flux" or row.split == "test"]
    few = [row for n, row in enumerate(rows) if row.label == "real" or n % 5 == 0]
    # One of 40 fakes scores lowest of all: the bound allows none of so few.
    few.append(replace(next(row for row in few if row.source == "sd3"), fake_probability=0.0001))

    bands = unseen.choose_unseen_thresholds(few)

    assert bands.miss_rule == "quantile"
    assert bands.miss_bound > 0.05
    assert bands.thresholds.real_below > 0.1
    assert bands.false_alarm_rule == "bound"


def test_thresholds_without_photographs_that_nobody_trained_on_are_refused() -> None:
    with pytest.raises(ValueError, match="that no fold trained on"):
        unseen.choose_unseen_thresholds([row for row in make_rows() if row.source != "webcam"])


def test_figures_are_of_the_test_split_and_of_what_was_never_trained_on() -> None:
    rows = make_rows()
    bands = unseen.choose_unseen_thresholds(rows)

    found = unseen.measure_unseen(rows, bands, "best")

    assert list(found.families) == ["gan", "diffusion"]
    assert set(found.sources) == {*FAKES, "webcam"}
    assert found.families["diffusion"].fakes == 400
    assert found.families["diffusion"].photographs == 0
    webcam, called_real = found.sources["webcam"], found.sources["sd3"].fakes_called_real
    assert webcam.photographs == 400
    assert webcam.fakes_called_real is None
    assert webcam.photographs_called_fake is not None
    assert webcam.photographs_called_fake.value <= 0.03
    scores = np.array([row.fake_probability for row in rows if row.source == "sd3" and row.split == "test"])
    assert called_real is not None
    assert called_real.value == pytest.approx(float(np.mean(scores < bands.thresholds.real_below)))
    assert found.worst_family == "gan"
    assert found.known is not None
    assert found.known.photographs == 400


def test_photographs_that_were_trained_on_are_told_apart_in_the_auc() -> None:
    rows = make_rows()

    part = unseen.measure_unseen(rows, unseen.choose_unseen_thresholds(rows), "best").families["gan"]

    assert part.auc is not None
    assert part.auc_all is not None
    assert part.auc.value < part.auc_all.value
    assert part.auc.low < part.auc.value < part.auc.high


def test_scores_of_two_folds_are_never_ranked_against_each_other() -> None:
    # In either fold every fake scores above every photograph, but fold two scores all of them lower.
    rows = [
        ScoreRow(
            f"{fold}{label}{n}", "webcam" if label == "real" else "sd3", label, family, "test", fold, base + n / 1e3
        )
        for fold, bases in (("one", (0.6, 0.9)), ("two", (0.1, 0.4)))
        for label, family, base in (("real", "", bases[0]), ("fake", "diffusion", bases[1]))
        for n in range(20)
    ]

    found = unseen.measure_unseen(rows, unseen.choose_unseen_thresholds(make_rows()), "best")

    assert found.sources["sd3"].auc is not None
    assert found.sources["sd3"].auc.value == 1


def test_a_fold_that_trained_on_another_source_of_a_family_says_nothing_of_the_family() -> None:
    rows = make_rows()
    easy = [
        replace(row, fold="three", fake_probability=0.99)
        for row in rows
        if row.source == "sd3" or (row.source == "webcam" and row.fold == "one")
    ]

    found = unseen.measure_unseen([*rows, *easy], unseen.choose_unseen_thresholds(rows), "best")

    assert found.families["diffusion"].fakes == 400
    assert found.sources["sd3"].fakes == 400


def test_a_source_with_both_classes_is_told_from_its_own_photographs() -> None:
    rows = [
        replace(row, source="openforensics", family="blended" if row.label == "fake" else "")
        for row in make_rows()
        if row.source in ("sd3", "webcam") and row.fold == "one"
    ]

    found = unseen.measure_unseen(rows, unseen.choose_unseen_thresholds(rows), "best")

    assert found.sources["openforensics"].own_auc == found.families["blended"].auc


def test_the_command_writes_what_the_report_puts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = write(make_rows(), tmp_path / "scores.csv")
    out = tmp_path / "models" / "results" / "unseen.json"
    monkeypatch.setattr(sys, "argv", ["unseen", "--scores", str(scores), "--out", str(out)])

    unseen.main()

    written = json.loads(out.read_text())
    worst = tables.tell(written["worst_auc"], 3)
    assert f"{worst} at worst (GAN faces)" in capsys.readouterr().out
    models = tmp_path / "models"
    assert report.tell_accuracy(models).index(worst) < report.tell_accuracy(models).index("| webcam |")
    assert "Trained without diffusion models" in report.tell_unseen(models)
    assert report.read_results(models) == []


def test_nothing_is_said_where_nothing_was_measured(tmp_path: Path) -> None:
    assert report.tell_accuracy(tmp_path) == report.render_unseen(tmp_path) == report.tell_unseen(tmp_path) == ""


@pytest.mark.parametrize(
    "text", ["sha256,source\na,b\n", "sha256,source,label,family,split,fold,fake_probability\na,b\n"]
)
def test_a_file_that_holds_no_scores_is_refused_in_a_sentence(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scores.csv").write_text(text)
    monkeypatch.setattr(sys, "argv", ["unseen", "--scores", str(tmp_path / "scores.csv")])

    with pytest.raises(SystemExit, match=r"unseen: .* is no file of cross-fitted scores"):
        unseen.main()


def test_scores_are_read_as_they_were_written(tmp_path: Path) -> None:
    scores = [ScoreRow("a" * 64, "sd3", "fake", "diffusion", "test", "diffusion", 0.25, is_seen=True)]

    score_rows.write_scores(scores, tmp_path / "scores.csv")

    assert score_rows.read_scores(tmp_path / "scores.csv") == scores
