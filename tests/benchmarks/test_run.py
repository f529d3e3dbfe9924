"""A run of the benchmark: what was measured is on disk at once, whatever becomes of the rest."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import run, table
from benchmarks.run import Section


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def rounds(results: Any) -> dict[str, list[float]]:
    return {row["name"]: row["rounds"] for row in results["figures"]}


def fail() -> dict[str, float]:
    raise ConnectionError("the server went away")


def test_sections_of_every_round_are_measured_so_often_and_others_once(tmp_path: Path) -> None:
    calls: list[str] = []

    def measure(name: str) -> dict[str, float]:
        calls.append(name)
        return {name: float(len(calls))}

    sections = {
        "often": Section(lambda: measure("ceiling"), in_every_round=True),
        "once": Section(lambda: measure("drain")),
    }
    results = run.measure(sections, 3, 10, tmp_path / "results.json")

    assert calls == ["ceiling", "drain", "ceiling", "ceiling"]
    assert rounds(results) == {"ceiling": [1.0, 3.0, 4.0], "drain": [2.0]}
    assert read(tmp_path / "results.json") == results


def test_each_section_is_on_disk_before_the_next_begins_and_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    run.measure({"all": Section(lambda: {"ceiling": 1.0, "drain": 1.0})}, 1, 10, file)
    seen: list[Any] = []

    def look() -> dict[str, float]:
        seen.append(read(file))
        return {"upload": 3.0}

    run.measure({"ceiling": Section(lambda: {"ceiling": 2.0}), "upload": Section(look)}, 1, 10, file)

    assert rounds(seen[0]) == {"ceiling": [2.0]}
    assert "upload: not reached" in seen[0]["not_measured"]
    assert rounds(read(file)) == {"ceiling": [2.0], "upload": [3.0]}


def test_a_section_that_fails_takes_nothing_with_it_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sections = {"paper": Section(fail), "ceiling": Section(lambda: {"ceiling": 2.0})}

    results = run.measure(sections, 1, 10, tmp_path / "results.json")

    assert rounds(results) == {"ceiling": [2.0]}
    assert results["failed"] == ["paper"]
    assert "| paper: failed | not measured | | |" in table.goals_table(results, {})
    assert "the server went away" in capsys.readouterr().err


def test_a_section_that_failed_once_is_not_tried_again_so_that_ratios_stay_within_their_round(tmp_path: Path) -> None:
    values = iter([80.0, None, 90.0])

    def drain() -> dict[str, float]:
        value = next(values)
        return fail() if value is None else {"drain": value}

    sections = {
        "drain": Section(drain, in_every_round=True),
        "ceiling": Section(lambda: {"ceiling": 100.0}, in_every_round=True),
    }
    results = run.measure(sections, 3, 10, tmp_path / "results.json")

    assert rounds(results) == {"ceiling": [100.0, 100.0, 100.0], "drain": [80.0]}
    assert [goal["rounds"] for goal in results["goals"]] == [[0.8]]


def test_a_run_in_which_a_section_failed_ends_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.json"
    monkeypatch.setattr(sys, "argv", ["run", "--images", "0", "--rounds", "1"])
    monkeypatch.setattr(table, "RESULTS", file)
    monkeypatch.setattr(
        run, "list_sections", lambda *_: {"paper": Section(fail), "ceiling": Section(lambda: {"ceiling": 2.0})}
    )

    with pytest.raises(SystemExit, match="failed in paper") as ended:
        run.main()

    assert ended.value.code not in (0, None)
    assert rounds(read(file)) == {"ceiling": [2.0]}
