"""`manage.py scan`: findings on stdout in three forms, errors beside them, progress on stderr."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.system import environment


def scan(home: Path, *arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "scan", *map(str, arguments)],
        cwd=ROOT,
        env=environment(home, 0) | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, shared_data: Path) -> Path:
    """Two faces, a text that calls itself a photo, and a hidden file, in two levels."""
    target = tmp_path / "faces"
    (target / "below").mkdir(parents=True)
    for label, place in (("real", target), ("fake", target / "below")):
        source = min((shared_data / "faces" / "ffhq-stylegan" / label).iterdir())
        (place / f"{label}.jpg").write_bytes(source.read_bytes())
    (target / "note.jpg").write_text("not a photo")
    (target / ".hidden").write_text("left out")
    return target


def test_jsonl_has_a_line_for_every_file(tmp_path: Path, folder: Path) -> None:
    ended = scan(tmp_path / "home", folder, "--format", "jsonl")
    rows = {Path(row["path"]).name: row for row in map(json.loads, ended.stdout.splitlines())}
    assert ended.returncode == 1
    assert set(rows) == {"real.jpg", "fake.jpg", "note.jpg"}
    assert set(rows["note.jpg"]) == {"path", "error"}
    for name in ("real.jpg", "fake.jpg"):
        assert set(rows[name]) == {"path", "fake_probability", "verdict", "confidence", "model_version", "reasons"}
        assert 0 <= rows[name]["fake_probability"] <= 1
    assert "1 of 3 files have no verdict" in ended.stderr


def test_yunet_finds_the_faces_where_its_file_is_given(tmp_path: Path, folder: Path, shared_data: Path) -> None:
    model = shared_data / "weights" / "face_detection_yunet_2026may.onnx"
    blank = tmp_path / "blank.png"
    Image.new("RGB", (300, 300), "white").save(blank)

    ended = scan(tmp_path / "home", folder / "real.jpg", blank, "--format", "jsonl", ASSAY_FACE_MODEL=str(model))

    face, none = map(json.loads, ended.stdout.splitlines())
    assert "no_face" not in face["reasons"]
    assert none["reasons"] == ["no_face"]


def test_csv_keeps_a_path_from_being_a_formula(tmp_path: Path, folder: Path) -> None:
    (folder / "real.jpg").rename(folder / "=1+1.jpg")
    ended = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "scan", "=1+1.jpg", "--format", "csv"],
        cwd=folder,
        env=environment(tmp_path / "home", 0),
        capture_output=True,
        text=True,
        check=False,
    )
    (row,) = csv.DictReader(io.StringIO(ended.stdout))
    assert ended.returncode == 0, ended.stderr
    assert row["path"] == "'=1+1.jpg"


def test_the_table_reads_one_line_a_file(tmp_path: Path, folder: Path) -> None:
    ended = scan(tmp_path / "home", folder / "real.jpg")
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    assert "100%" in ended.stderr


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    ended = scan(tmp_path / "home", tmp_path / "nowhere")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{tmp_path / 'nowhere'} does not exist." in ended.stderr


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = scan(tmp_path / "home", tmp_path / "empty")
    assert ended.returncode == 2
    assert "There are no files" in ended.stderr


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_a_name_that_is_no_text_stops_nothing(tmp_path: Path, folder: Path, form: str) -> None:
    (folder / "real.jpg").rename(folder / "caf\udce9.jpg")  # as a disk of other days has it
    ended = scan(tmp_path / "home", folder, "--format", form, PYTHONIOENCODING="utf-8:strict")
    assert ended.returncode == 1, ended.stderr
    assert r"caf\udce9.jpg" in ended.stdout
    assert len(ended.stdout.splitlines()) == 3 + (form == "csv")
    if form == "jsonl":
        assert str(folder / "caf\udce9.jpg") in {json.loads(line)["path"] for line in ended.stdout.splitlines()}
