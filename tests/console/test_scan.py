"""`manage.py scan`: findings on stdout in three forms, errors beside them, progress on stderr."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image

from console.management.commands.scan import COLUMNS, format_row
from console.scan import find_files
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
        timeout=120,
    )


def close(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """Makes a folder one that may not be read, for root too."""
    list_folder = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", path)
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", refuse)


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
        assert set(rows[name]) == set(COLUMNS) - {"error"}
        assert (rows[name]["lean"] is not None) == (rows[name]["verdict"] == "inconclusive")
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


ROW = {
    "path": "face.jpg",
    "fake_probability": 0.998,
    "verdict": "fake",
    "strength": "moderate_synthetic",
    "likelihood_ratio": 40.0,
    "likelihood_ratio_low": 15.0,
    "likelihood_ratio_high": 110.0,
    "lean": None,
    "reasons": [],
    "frames": 1,
    "frames_examined": 1,
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            "fake            99.8%  face.jpg (moderate support for synthetic, likelihood ratio 40, 15 to 110)",
        ),
        ({"strength": None}, "fake            99.8%  face.jpg"),
        (
            {"verdict": "inconclusive", "strength": "inconclusive", "lean": "synthetic", "reasons": ["greyscale"]},
            "inconclusive           face.jpg (leans synthetic, greyscale)",
        ),
        (
            {"verdict": "not_assessed", "strength": None, "reasons": ["no_face"]},
            "not_assessed           face.jpg (no_face)",
        ),
    ],
)
def test_a_line_has_the_strength_and_a_score_only_beside_the_verdict_it_speaks_for(
    changes: dict[str, object], line: str
) -> None:
    assert format_row(ROW | changes) == line


def test_a_name_cannot_pass_for_another_row_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "note\nreal             0.1%  face.jpg\x1b[2K").write_text("not a photo")

    (row,) = scan(tmp_path / "home", tmp_path / "folder").stdout.splitlines()

    assert "note\\nreal" in row
    assert "\\x1b[2K" in row


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


def test_a_pipe_is_an_error_and_not_waited_for(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.jpg")
    monkeypatch.chdir(folder)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("socket.jpg")
        ended = scan(tmp_path / "home", folder, folder / "pipe.jpg", "--format", "jsonl")

    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    refused = [Path(row["path"]).name for row in rows if "not a file" in row.get("error", "")]
    assert ended.returncode == 1, ended.stderr
    assert refused == ["pipe.jpg", "socket.jpg", "pipe.jpg"]
    assert sum("verdict" in row for row in rows) == 2


def test_a_linked_folder_is_followed_and_told_once(tmp_path: Path) -> None:
    for name in ("top/own", "far/deep"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "face.jpg").touch()
    top = tmp_path / "top"
    (top / "a-far").symlink_to(tmp_path / "far")
    (top / "b-deep").symlink_to(tmp_path / "far" / "deep")
    (top / "c-own").symlink_to(top / "own")
    (top / ".hidden").symlink_to(tmp_path)

    assert find_files([top]) == ([top / "own" / "face.jpg", top / "a-far" / "deep" / "face.jpg"], [])


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    (tmp_path / "top" / "own").mkdir(parents=True)
    (tmp_path / "top" / "own" / "face.jpg").touch()
    (tmp_path / "top" / "own" / "up").symlink_to("..")
    (tmp_path / "top" / "own" / "out").symlink_to(tmp_path)
    (tmp_path / "beside.jpg").touch()
    (tmp_path / "entry").symlink_to("top")

    files, unread = find_files([tmp_path / "entry"])

    assert [file.name for file in files] == ["face.jpg", "beside.jpg"]
    assert unread == []


def test_a_folder_that_may_not_be_read_has_a_row(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    close(monkeypatch, folder / "below")

    with pytest.raises(SystemExit) as ended:
        call_command("scan", str(folder), "--format", "jsonl")

    told = capsys.readouterr()
    rows = {Path(row["path"]).name: row for row in map(json.loads, told.out.splitlines())}
    assert ended.value.code == 1
    assert set(rows) == {"real.jpg", "note.jpg", "below"}
    assert rows["below"] == {
        "path": str(folder / "below"),
        "error": "The folder cannot be read: Permission denied.",
    }
    assert "2 of 3 files have no verdict" in told.err


def test_a_named_folder_that_may_not_be_read_is_not_called_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    close(monkeypatch, folder)

    with pytest.raises(SystemExit) as ended:
        call_command("scan", str(folder), "--format", "jsonl")

    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert ended.value.code == 1
    assert row["path"] == str(folder)


def test_a_file_in_a_closed_folder_is_left_to_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **_: bool) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)

    assert find_files([folder / "real.jpg"]) == ([folder / "real.jpg"], [])
