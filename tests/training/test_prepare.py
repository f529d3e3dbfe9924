import random
import shutil
from pathlib import Path

import pytest

from training import prepare

MANIFEST = Path(prepare.__file__).parent / "manifests" / "ffhq-stylegan.csv"


def test_a_split_follows_from_the_bytes_and_not_from_name_or_company(textures: Path, tmp_path: Path) -> None:
    before = {example.sha256: example.split for example in prepare.list_examples(textures)}
    chosen = random.Random(3).sample(sorted((textures / "real").iterdir()), 9)
    for label in ("real", "fake"):
        (tmp_path / label).mkdir()
    for number, path in enumerate(chosen):
        shutil.copy(path, tmp_path / "real" / f"renamed-{number}.jpg")
    shutil.copy(next((textures / "fake").iterdir()), tmp_path / "fake" / "one")

    for example in prepare.list_examples(tmp_path):
        assert example.split == before[example.sha256]


def test_copies_of_an_image_are_one_example(textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "real" / "0.png", tmp_path / "real" / "copy.png")

    assert len(prepare.list_examples(tmp_path)) == len(prepare.list_examples(textures))


def test_one_image_under_both_labels_is_refused(textures: Path, tmp_path: Path) -> None:
    shutil.copytree(textures, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "real" / "0.png", tmp_path / "fake" / "same.png")

    with pytest.raises(ValueError, match="both labels"):
        prepare.list_examples(tmp_path)


def test_a_folder_without_both_classes_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()

    with pytest.raises(ValueError, match="'real' and 'fake'"):
        prepare.list_examples(tmp_path)


def test_the_committed_manifest_is_what_the_faces_give(shared_data: Path, tmp_path: Path) -> None:
    prepare.write_manifest(prepare.list_examples(shared_data / "faces" / "ffhq-stylegan"), tmp_path / "m.csv")

    assert (tmp_path / "m.csv").read_text() == MANIFEST.read_text()


@pytest.mark.parametrize(("split", "share"), [("train", 0.60), ("validation", 0.15), ("test", 0.25)])
def test_the_committed_manifest_splits_as_it_says(split: str, share: float) -> None:
    rows = [line.split(",") for line in MANIFEST.read_text().splitlines()[1:]]

    assert len({row[0] for row in rows}) == len(rows) == 1800
    assert sum(row[2] == split for row in rows) / len(rows) == pytest.approx(share, abs=0.02)
    assert all(row[2] == prepare.split_of(row[0]) for row in rows)
