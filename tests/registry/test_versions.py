"""Exactly one version judges; who let it, and what was before, stays on record."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connections, transaction
from pytest_django import Settings

from detector import bundle
from detector.card import Card
from detector.errors import BundleCorrupt
from registry import bundles, selectors, versions
from registry.errors import AlreadyActive, EngineMissing, NothingBefore, VersionNotFound, VersionTaken
from registry.models import Activation, ModelVersion
from registry.selectors import Serving
from tests.registry import samples


def line() -> list[tuple[str, str | None, str]]:
    """Who let which version judge, in their order: version, the one before, kind."""
    found = Activation.objects.order_by("id").values_list("version__name", "previous__name", "kind")
    return list(found)


def test_an_import_lists_the_version_and_activates_nothing(shipped: str, folder: Path) -> None:
    ada = User.objects.create_user("ada")

    row = versions.take_in(folder, by=ada)

    card = bundle.load(folder).card
    row.refresh_from_db()
    assert (row.version, row.name, row.recipe, row.state) == (card.version, "other", card.recipe, "available")
    assert (row.imported_by, row.is_shipped, row.files) == (ada, False, bundles.files_of(card))
    assert row.card["engines"][samples.ENGINE]["calibration"]["bias"] == 30.0
    assert selectors.serving() == Serving(shipped, None)


def test_the_same_bundle_again_renews_its_figures_and_keeps_its_state(other: Card, folder: Path) -> None:
    versions.activate(other.version, by=None)
    bundle.save(folder, replace(other, limits=("Knows more now.",)))

    row = versions.take_in(folder, by=None)

    assert row.card["limits"] == ["Knows more now."]
    assert row.state == "active"
    assert ModelVersion.objects.count() == 2


def test_another_bundle_cannot_take_a_version_over(other: Card, folder: Path) -> None:
    row = ModelVersion.objects.get(version=other.version)
    row.card["engines"][samples.ENGINE]["thresholds"]["fake_from"] = 0.99  # as if eight digits had met
    row.save()

    with pytest.raises(VersionTaken):
        versions.take_in(folder, by=None)


def test_activating_and_rolling_back_go_along_a_line(shipped: str, other: Card, tmp_path: Path) -> None:
    third = samples.make(tmp_path / "third", name="third")
    versions.take_in(tmp_path / "third", by=None)
    ada = User.objects.create_user("ada")

    versions.activate(other.version, by=ada)
    versions.activate(third.version, by=None)
    back = [versions.roll_back(by=ada).version for _ in range(2)]

    assert back == [other.version, shipped]
    assert line() == [
        ("best", None, "shipped"),
        ("other", "best", "chosen"),
        ("third", "other", "chosen"),
        ("other", "third", "rollback"),
        ("best", "other", "rollback"),
    ]
    assert [activation.by for activation in Activation.objects.order_by("id")] == [None, ada, None, ada, ada]
    with pytest.raises(NothingBefore):
        versions.roll_back(by=ada)
    versions.activate(third.version, by=ada)
    assert versions.roll_back(by=ada).version == shipped


def test_activating_what_is_active_is_no_news(shipped: str) -> None:
    versions.activate(shipped, by=None)

    assert line() == [("best", None, "shipped")]


def test_a_damaged_or_unknown_version_is_not_activated_and_the_old_one_stays(shipped: str, other: Card) -> None:
    samples.flip_a_byte(bundles.folder_of(other.version) / "litert-int8.tflite")

    with pytest.raises(BundleCorrupt):
        versions.activate(other.version, by=None)
    with pytest.raises(BundleCorrupt):
        versions.start_shadow(other.version)
    with pytest.raises(VersionNotFound):
        versions.activate("nobody-12345678", by=None)

    assert selectors.serving() == Serving(shipped, None)


def test_a_version_without_the_engine_that_runs_here_is_not_activated(other: Card, settings: Settings) -> None:
    settings.ENGINE = "litert-float32"

    with pytest.raises(EngineMissing):
        versions.activate(other.version, by=None)


def test_one_shadow_at_a_time_and_never_the_active_version(shipped: str, other: Card, tmp_path: Path) -> None:
    third = samples.make(tmp_path / "third", name="third")
    versions.take_in(tmp_path / "third", by=None)

    versions.start_shadow(other.version)
    versions.start_shadow(third.version)
    assert selectors.serving() == Serving(shipped, third.version)
    with pytest.raises(AlreadyActive):
        versions.start_shadow(shipped)
    versions.end_shadow(other.version)
    assert selectors.serving().shadow == third.version

    versions.activate(third.version, by=None)
    assert selectors.serving() == Serving(third.version, None)


def test_the_database_itself_holds_that_one_is_active(other: Card) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(version=other.version).update(state="active")


@pytest.mark.django_db(transaction=True)
def test_people_who_activate_at_once_do_so_one_after_the_other(folder: Path, tmp_path: Path) -> None:
    versions.take_in(folder, by=None)
    samples.make(tmp_path / "third", name="third")
    versions.take_in(tmp_path / "third", by=None)
    names = [row.version for row in ModelVersion.objects.exclude(state="active")]

    def activate(version: str) -> None:
        try:
            versions.activate(version, by=None)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(activate, names * 4))

    chain = line()
    assert ModelVersion.objects.filter(state="active").count() == 1
    assert all(later[1] == earlier[0] for earlier, later in pairwise(chain))
