"""A process follows the registry without a restart, and goes on with the last good model."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from detector import bundle
from detector.card import Card
from detector.errors import BundleError, BundleMissing
from registry import bundles, serving, versions
from registry.errors import NoActiveVersion
from registry.models import ModelVersion
from registry.serving import Detectors
from tests.registry import samples


@pytest.fixture
def detectors() -> Detectors:
    return Detectors(threads=1, pool=1, room=2)


def test_it_stays_open_while_unchanged_and_asking_costs_one_query(shipped: str, detectors: Detectors) -> None:
    first = detectors.refresh()

    with CaptureQueriesContext(connection) as asked:
        again = detectors.refresh()

    assert again is first
    assert first.version == shipped
    assert len(asked) == 1


def test_it_changes_over_with_the_registry_and_back(shipped: str, other: Card, detectors: Detectors) -> None:
    seen = [detectors.refresh().version]
    versions.activate(other.version, by=None)
    seen.append(detectors.refresh().version)
    versions.roll_back(by=None)
    seen.append(detectors.refresh().version)

    assert seen == [shipped, other.version, shipped]


def test_a_problem_that_another_process_had_is_over_when_one_opens_the_model(
    shipped: str, detectors: Detectors
) -> None:
    versions.note_problem(shipped, "The model's folder is missing.")  # by a worker that has ended

    detectors.refresh()

    assert ModelVersion.objects.get(version=shipped).problem == ""


def test_what_cannot_be_opened_leaves_the_old_one_at_work_for_all_to_see(
    shipped: str, other: Card, folder: Path, detectors: Detectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    detectors.refresh()
    versions.activate(other.version, by=None)
    shutil.rmtree(bundles.folder_of(other.version))

    assert detectors.refresh().version == shipped
    assert "missing" in ModelVersion.objects.get(version=other.version).problem

    with bundles.stage(folder) as staged:
        bundles.keep(staged)
    assert detectors.refresh().version == shipped, "it is not tried at every permit"
    monkeypatch.setattr(serving, "RETRY_SECONDS", 0)
    assert detectors.refresh().version == other.version
    assert ModelVersion.objects.get(version=other.version).problem == ""


@pytest.mark.parametrize("content", [b"", b"no model at all", b"PK\x03\x04 nor arrays"])
@pytest.mark.parametrize("file", ["litert-int8.tflite", "head.npz"])
def test_what_is_true_to_its_card_but_no_model_counts_as_broken(
    shipped: str, tmp_path: Path, detectors: Detectors, file: str, content: bytes
) -> None:
    samples.make(tmp_path / "odd", name="odd")
    (tmp_path / "odd" / file).write_bytes(content)
    odd = samples.rehash(tmp_path / "odd")
    versions.take_in(tmp_path / "odd", by=None)
    detectors.refresh()
    versions.activate(odd.version, by=None)

    assert detectors.refresh().version == shipped
    assert ModelVersion.objects.get(version=odd.version).problem


def test_an_input_that_no_memory_holds_counts_as_broken(
    shipped: str, tmp_path: Path, folder: Path, detectors: Detectors
) -> None:
    card = bundle.load(folder).card
    huge = samples.write_card(folder, replace(card, input=replace(card.input, size=10**9)))
    versions.take_in(folder, by=None)
    detectors.refresh()
    versions.activate(huge.version, by=None)

    assert detectors.refresh().version == shipped
    assert ModelVersion.objects.get(version=huge.version).problem


def test_without_any_model_that_opens_it_says_so(other: Card, detectors: Detectors) -> None:
    versions.activate(other.version, by=None)
    shutil.rmtree(bundles.folder_of(other.version))
    with pytest.raises(BundleMissing):
        detectors.refresh()

    ModelVersion.objects.update(state="available")
    with pytest.raises(NoActiveVersion):
        detectors.refresh()


def test_a_shadow_that_cannot_be_opened_is_left_out(other: Card, detectors: Detectors) -> None:
    versions.start_shadow(other.version)
    detectors.refresh()
    found = detectors.shadow()
    assert found
    assert found.version == other.version

    fresh = Detectors(threads=1, pool=1, room=2)
    shutil.rmtree(bundles.folder_of(other.version))
    fresh.refresh()
    assert fresh.shadow() is None


def test_only_so_many_are_held_open(shipped: str, other: Card, tmp_path: Path, detectors: Detectors) -> None:
    third = samples.make(tmp_path / "third", name="third")
    versions.take_in(tmp_path / "third", by=None)
    first = detectors.find(shipped)
    detectors.find(other.version)
    assert detectors.find(shipped) is first

    detectors.find(third.version)

    shutil.rmtree(bundles.folder_of(other.version))
    assert detectors.find(shipped) is first
    with pytest.raises(BundleError):
        detectors.find(other.version)
