"""docs/security.md tells the truth: every row names a test, every test is there, every setting too."""

import ast
import re

from tests.conftest import ROOT

TABLE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TABLE)


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_is_there() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if name and name not in functions_of(file)]

    assert missing == []
    assert all((ROOT / file).exists() for file, _ in NAMED)


def test_every_row_names_a_test() -> None:
    rows = [line for line in TABLE.split("## Settings")[0].splitlines() if line.startswith("| ")]
    without = [row for row in rows if "`tests/" not in row and not row.startswith("| attack")]

    assert without == []
    assert len(rows) >= 40


def test_every_setting_is_there() -> None:
    settings = (ROOT / "platform" / "config" / "settings.py").read_text()

    assert {name for name in re.findall(r"\bASSAY_[A-Z_]+\b", TABLE) if f'"{name}"' not in settings} == set()
