"""A bundle is taken in whole and true to its card, or not at all."""

import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from detector import Detector, bundle
from registry import bundles
from registry.errors import BundleRefused
from tests.registry import samples


@pytest.fixture(autouse=True)
def models(settings: Settings, tmp_path: Path) -> Path:
    settings.MODELS = tmp_path / "models"
    return tmp_path / "models"


def take_in(source: Path) -> None:
    with bundles.stage(source) as staged:
        bundles.keep(staged)


def zip_of(folder: Path, change: Callable[[zipfile.ZipFile], object] = lambda _: None) -> Path:
    path = folder.with_suffix(".zip")
    path.write_bytes(samples.pack(folder))
    with zipfile.ZipFile(path, "a") as archive:
        change(archive)
    return path


def refuse(source: Path, models: Path, why: str) -> None:
    with pytest.raises(BundleRefused, match=why):
        take_in(source)
    assert list(models.iterdir()) == []


@pytest.mark.parametrize("pack", [lambda folder: folder, zip_of], ids=["folder", "zip"])
def test_a_bundle_lies_under_its_version_and_opens(folder: Path, models: Path, pack: Callable[[Path], Path]) -> None:
    card = bundle.load(folder).card

    take_in(pack(folder))

    assert [path.name for path in models.iterdir()] == [card.version]
    assert bundles.is_kept(card)
    assert Detector.open(bundles.folder_of(card.version)).version == card.version


@pytest.mark.parametrize("pack", [lambda folder: folder, zip_of], ids=["folder", "zip"])
@pytest.mark.parametrize("file", ["litert-int8.tflite", "head.npz"])
def test_a_changed_byte_is_refused(folder: Path, models: Path, file: str, pack: Callable[[Path], Path]) -> None:
    samples.flip_a_byte(folder / file)

    refuse(pack(folder), models, file)


@pytest.mark.parametrize("pack", [lambda folder: folder, zip_of], ids=["folder", "zip"])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("extra.npz", "extra.npz is not on the card"),
        ("setup.py", "does not belong"),
        ("model.pkl", "does not belong"),
        (".hidden.json", "does not belong"),
    ],
)
def test_a_file_that_is_not_on_the_card_is_refused(
    folder: Path, models: Path, name: str, why: str, pack: Callable[[Path], Path]
) -> None:
    (folder / name).write_bytes(b"x")

    refuse(pack(folder), models, why)


@pytest.mark.parametrize("pack", [lambda folder: folder, zip_of], ids=["folder", "zip"])
@pytest.mark.parametrize("file", ["card.json", "head.npz"])
def test_a_missing_file_is_refused(folder: Path, models: Path, file: str, pack: Callable[[Path], Path]) -> None:
    (folder / file).unlink()

    refuse(pack(folder), models, file)


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "/evil.json", "a/../../evil.json", "inner/card.json", "inner/", "..", "C:evil.json", "e\0.json"],
)
def test_a_path_in_a_zip_is_refused(folder: Path, models: Path, name: str) -> None:
    source = zip_of(folder, lambda archive: archive.writestr(zipfile.ZipInfo(name.replace("\0", "_")), b"x"))
    if "\0" in name:
        source.write_bytes(source.read_bytes().replace(b"e_.json", b"e\0.json"))

    refuse(source, models, "does not belong")
    assert not list(models.parent.rglob("*evil*"))


def test_a_link_in_a_zip_is_refused(folder: Path, models: Path) -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    refuse(zip_of(folder, lambda archive: archive.writestr(link, b"/etc/passwd")), models, "not a plain file")


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("card.json"), Path.mkdir, os.mkfifo])
def test_what_is_no_plain_file_in_a_folder_is_refused(
    folder: Path, models: Path, make: Callable[[Path], object]
) -> None:
    make(folder / "more.json")

    refuse(folder, models, "not a plain file")


def test_a_link_in_place_of_a_file_is_refused(folder: Path, models: Path) -> None:
    (folder / "head.npz").rename(folder.parent / "head.npz")
    (folder / "head.npz").symlink_to(folder.parent / "head.npz")

    refuse(folder, models, r"head\.npz is not a plain file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(folder: Path, models: Path) -> None:
    refuse(zip_of(folder, lambda archive: archive.writestr("head.npz", b"x")), models, "each once")


def test_more_bytes_than_allowed_are_refused_as_they_come(folder: Path, models: Path, settings: Settings) -> None:
    settings.MAX_BUNDLE_BYTES = 100_000

    refuse(folder, models, "larger")
    refuse(zip_of(folder), models, "larger")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more", b"hello"])
def test_what_is_no_zip_is_refused(tmp_path: Path, models: Path, content: bytes) -> None:
    (tmp_path / "bundle.zip").write_bytes(content)

    refuse(tmp_path / "bundle.zip", models, "neither a folder nor a ZIP")


def test_a_directory_of_a_million_entries_is_refused_before_it_is_read(tmp_path: Path, models: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"PK\x01\x02" * 100_000)

    refuse(tmp_path / "bundle.zip", models, "neither a folder nor a ZIP")


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, models: Path) -> None:
    refuse(tmp_path / "nowhere", models, "nowhere does not exist")


@pytest.mark.parametrize("name", ["../../evil", "/evil", "evil/..", ".evil", "e" * 100])
def test_a_version_that_is_a_path_is_refused(folder: Path, models: Path, name: str) -> None:
    samples.write_card(folder, replace(bundle.load(folder).card, name=name))

    refuse(folder, models, "name of a folder")


def test_a_card_that_nests_without_end_is_refused(folder: Path, models: Path) -> None:
    (folder / "card.json").write_text("[" * 100_000)

    refuse(folder, models, r"card\.json|recursion")


def test_taking_in_what_is_damaged_heals_it_and_renews_its_figures(folder: Path) -> None:
    take_in(folder)
    card = replace(bundle.load(folder).card, limits=("Knows more now.",))
    samples.flip_a_byte(bundles.folder_of(card.version) / "head.npz")
    assert not bundles.is_kept(card)
    bundle.save(folder, card)

    take_in(zip_of(folder))

    assert bundles.is_kept(card)


def test_what_an_import_left_that_died_is_swept(folder: Path, models: Path) -> None:
    dead = models / ".0.part"
    dead.mkdir(parents=True)
    os.utime(dead, (0, 0))

    take_in(folder)

    assert not dead.exists()


def test_every_file_of_a_card_is_known() -> None:
    named = set(bundles.files_of(bundle.load(settings.BUNDLE).card))

    assert named == {path.name for path in settings.BUNDLE.iterdir()} - {"card.json"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_an_unusual_way_of_packing_is_refused(folder: Path, models: Path, method: int) -> None:
    source = folder.with_suffix(".zip")
    with zipfile.ZipFile(source, "w", method) as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)

    refuse(source, models, "unusual way")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"trained_on": "', r'"trained_on": "\u0000'),
        ('"trained_on": "', r'"trained_on": "\ud800'),
        ('"value": ', '"value": NaN, "was": '),
        ('"n": ', '"n": Infinity, "was": '),
    ],
    ids=["NUL", "half a pair", "NaN", "endless"],
)
def test_a_card_that_no_database_takes_is_refused(folder: Path, models: Path, old: str, new: str) -> None:
    text = (folder / "card.json").read_text()
    assert old in text
    (folder / "card.json").write_text(text.replace(old, new))

    refuse(folder, models, "Nothing was kept")


def test_an_import_that_ends_while_another_sweeps_is_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda path, _: [path / ".gone.part"])

    take_in(folder)


def test_a_pipe_is_not_waited_for(tmp_path: Path, models: Path) -> None:
    os.mkfifo(tmp_path / "bundle.zip")

    refuse(tmp_path / "bundle.zip", models, "neither a folder nor a file")
