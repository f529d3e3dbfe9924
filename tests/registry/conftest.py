"""A second version to import beside the one that ships, which the tables' migration has registered."""

from pathlib import Path

import pytest
from django.conf import settings

from detector import bundle
from detector.card import Card
from registry import versions
from tests.registry import samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    samples.make(tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def shipped(db: None) -> str:
    return bundle.load(settings.BUNDLE).card.version


@pytest.fixture
def other(db: None, folder: Path) -> Card:
    """Imported, and not active."""
    versions.take_in(folder, by=None)
    return bundle.load(folder).card
