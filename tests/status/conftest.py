"""Batches through intake, workers' rows, and readings that are never a minute old."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from batches import intake
from batches.models import Batch
from status import broker, drift
from tests.batches.conftest import receive

SendFiles = Callable[[int], Batch]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured now and then is measured now."""
    monkeypatch.setattr(drift, "_measured_at", float("-inf"))
    monkeypatch.setattr(broker, "_asked_at", float("-inf"))


@pytest.fixture
def send(transactional_db: None) -> SendFiles:
    owner = User.objects.create_user("ada")

    def send_files(count: int) -> Batch:
        uploads = [receive(f"{place}".encode()) for place in range(count)]
        return intake.accept(owner=owner, uploads=uploads).batch

    return send_files
