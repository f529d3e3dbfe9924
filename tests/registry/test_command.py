"""`manage.py model`: the registry from the command line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from registry import selectors
from registry.selectors import Serving
from tests.registry import samples


def run(*words: str) -> str:
    said = StringIO()
    call_command("model", *words, stdout=said)
    return said.getvalue()


def test_import_activate_shadow_and_roll_back(shipped: str, tmp_path: Path) -> None:
    other = samples.make(tmp_path / "bundle").version

    assert other in run("import", str(tmp_path / "bundle"))
    assert "judges from now on" in run("activate", other)
    assert selectors.serving() == Serving(other, None)
    assert shipped in run("rollback")
    run("shadow", other)
    assert selectors.serving() == Serving(shipped, other)
    rows = dict(line.split()[:2] for line in run("list").splitlines())
    assert rows == {other: "shadow", shipped: "active"}
    run("shadow", "none")
    assert selectors.serving() == Serving(shipped, None)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("import", "nowhere"), "nowhere does not exist. Nothing was kept."),
        (("activate", "nobody-1"), "no model of this version"),
        (("rollback",), "No model was active before"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shipped: str, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(*words)

    said = capsys.readouterr().err.strip()
    assert why in said
    assert "\n" not in said
