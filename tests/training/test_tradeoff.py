import sys
from pathlib import Path

import pytest

from training import report, tradeoff
from training.tradeoff import Cost


def test_a_bundle_is_timed_and_set_beside_its_published_figures(smoke_run: Path, tmp_path: Path) -> None:
    report.publish(smoke_run, tmp_path)

    costs = tradeoff.measure([smoke_run / "bundle"] * 2, rounds=3)
    lines = tradeoff.add_accuracy(costs, tmp_path)
    tradeoff.draw(lines, tmp_path / "plot.png")

    assert all(cost.milliseconds > 0 and 1 < cost.megabytes < 10 for cost in costs)
    first, second = tradeoff.render(lines).splitlines()[2:]
    assert first.startswith("| finetuned | 1.00 | ")
    assert first.split("|")[4:] == second.split("|")[4:]
    assert (tmp_path / "plot.png").stat().st_size > 1000


def test_a_bundle_without_figures_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Publish nobody first"):
        tradeoff.add_accuracy([Cost("nobody", 1.0, 1.0)], tmp_path)


def test_a_bundle_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tradeoff", str(tmp_path)])

    with pytest.raises(SystemExit, match=r"^tradeoff: .*card"):
        tradeoff.main()
