"""The README tells the truth: its commands, files, settings and figures are those of the code."""

import re
from pathlib import Path

import pytest

from benchmarks import table
from tests.conftest import ROOT
from training import report

README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


def test_every_make_command_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z0-9-]+)", README))
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_every_setting_exists() -> None:
    named = set(re.findall(r"\bASSAY_[A-Z_]+\b", README + ARCHITECTURE))
    settings = (ROOT / "platform" / "config" / "settings.py").read_text()
    assert {name for name in named if f'"{name}"' not in settings} == set()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.stem
)
def test_every_file_exists(page: Path) -> None:
    text = page.read_text()
    links = [page.parent / link for link in re.findall(r"\]\((?!http)([^)#]+)\)", text)]
    rooms = "detector|training|platform|workers|frontend|models|benchmarks|tests"
    paths = [ROOT / path for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text)]
    assert [str(path) for path in links + paths if not path.exists() and "{" not in path.name] == []


def block(name: str) -> str:
    return README.partition(f"<!-- {name}:start -->\n")[2].partition(f"\n<!-- {name}:end -->")[0]


def test_the_speed_table_is_the_measured_one() -> None:
    assert block("speed") == table.goals_table(*table.read())
    assert table.FIGURES_PAGE.read_text() == table.figures_page(*table.read())


def test_the_accuracy_table_is_the_measured_one() -> None:
    assert block("accuracy") == report.tell_accuracy()
