"""The bundle that ships judges from the first start; a newer one takes over only where nobody has chosen."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from detector.card import Card
from registry import selectors, versions
from registry.models import Activation, ModelVersion
from registry.selectors import Serving
from tests.registry import samples


@pytest.fixture
def newer(tmp_path: Path, settings: Settings) -> Card:
    """The program was updated and brings this one along."""
    card = samples.make(tmp_path / "newer", name="newer")
    settings.BUNDLE = tmp_path / "newer"
    return card


def test_after_the_first_migration_it_is_active(shipped: str) -> None:
    row = ModelVersion.objects.get()

    assert (row.version, row.state, row.is_shipped, row.imported_by) == (shipped, "active", True, None)
    assert (Activation.objects.get().kind, Activation.objects.get().by) == ("shipped", None)


def test_another_migration_changes_nothing(shipped: str) -> None:
    call_command("migrate", verbosity=0)

    assert selectors.serving() == Serving(shipped, None)
    assert Activation.objects.count() == 1


def test_a_newer_one_takes_over_where_nobody_has_chosen(shipped: str, newer: Card) -> None:
    call_command("migrate", verbosity=0)

    assert selectors.serving().active == newer.version
    assert ModelVersion.objects.get(version=shipped).state == "available"


def test_a_newer_one_is_only_offered_where_somebody_has_chosen(other: Card, newer: Card) -> None:
    versions.activate(other.version, by=None)

    call_command("migrate", verbosity=0)

    assert selectors.serving().active == other.version
    offered = ModelVersion.objects.get(version=newer.version)
    assert (offered.state, offered.is_shipped) == ("available", True)


def test_without_it_the_tables_are_made_all_the_same(
    shipped: str, tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BUNDLE = tmp_path / "nowhere"

    call_command("migrate", verbosity=0)

    assert "nowhere cannot be registered" in caplog.text
    assert selectors.serving().active == shipped
