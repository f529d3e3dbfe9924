import json
import sys
from pathlib import Path

import pytest

from training import paper_tables, report

RESULTS = Path(report.__file__).parent.parent / "models" / "results"


def write_run(folder: Path, name: str) -> Path:
    folder.mkdir()
    (folder / "metrics.json").write_bytes((RESULTS / f"{name}.json").read_bytes())
    splits = ["train"] * 60 + ["validation"] * 15 + ["test"] * 25
    (folder / "manifest.csv").write_text("\n".join(["sha256,split", *(f"{n},{s}" for n, s in enumerate(splits))]))
    for figure in paper_tables.FIGURES:
        (folder / f"{figure}.png").write_bytes(f"{name} {figure}".encode())
    return folder


def test_the_papers_tables_stand_beside_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [write_run(tmp_path / name, name) for name in ("paper", "finetuned")]
    monkeypatch.setattr(
        sys,
        "argv",
        ["paper_tables", *map(str, runs), "--out", str(tmp_path / "t.md"), "--figures", str(tmp_path)],
    )

    paper_tables.main()

    lines = (tmp_path / "t.md").read_text().splitlines()
    cells = {tuple(line.split(" | ")[:2]): line for line in lines if line.startswith("| ")}
    measured = json.loads((RESULTS / "paper.json").read_text())["engines"]["litert-int8"]
    assert "| 0.955 |" in cells["| real", "f1"]
    assert f"| {measured['per_class']['real']['f1']['value']:.3f} (" in cells["| real", "f1"]
    assert f"| 94 | {measured['confusion'][1][0]} |" in cells["| fake", "real"]
    assert cells["| input scale", "[0, 1]"] == "| input scale | [0, 1] | [-1, 1] |"
    # The paper trains on what others hold out.
    assert (
        "| 75 / 0 / 25 | 60 / 15 / 25 |" in cells["| images trained on / to choose the epoch / tested", "75 / 0 / 25"]
    )
    assert "3,360,322, of these frozen 3,228,864" in (tmp_path / "t.md").read_text()
    assert (tmp_path / "paper-roc.png").read_text() == "paper roc"


def test_a_folder_that_is_no_run_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["paper_tables", str(tmp_path)])

    with pytest.raises(SystemExit, match=r"^paper_tables: .*metrics\.json"):
        paper_tables.main()
