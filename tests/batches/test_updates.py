"""batches.updates: many rows get different values at once."""

import pytest
from django.contrib.auth.models import User
from django.db import DataError
from django.utils import timezone

from batches import updates
from batches.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Batch]:
    owner = User.objects.create_user("ada")
    return [Batch.objects.create(owner=owner, name=f"b{number}", lane="bulk") for number in range(3)]


def test_each_row_gets_its_own_values_and_another_is_left_as_it_is(three: list[Batch]) -> None:
    now = timezone.now()

    updates.write(
        Batch,
        [
            {"id": three[0].id, "name": "first", "started_at": None, "byte_size": 2**40},
            {"id": three[1].id, "name": "100 %s", "started_at": now, "byte_size": 1},
        ],
    )

    found = Batch.objects.in_bulk([batch.id for batch in three])
    rows = [(found[batch.id].name, found[batch.id].started_at, found[batch.id].byte_size) for batch in three]
    assert rows == [("first", None, 2**40), ("100 %s", now, 1), ("b2", None, 0)]


def test_values_that_are_all_null_are_written_too(three: list[Batch]) -> None:
    Batch.objects.update(started_at=timezone.now())

    updates.write(Batch, [{"id": batch.id, "started_at": None} for batch in three])

    assert set(Batch.objects.values_list("started_at", flat=True)) == {None}


@pytest.mark.postgres_only
def test_a_value_that_is_too_long_is_refused_and_not_cut(three: list[Batch]) -> None:
    with pytest.raises(DataError):
        updates.write(Batch, [{"id": three[0].id, "name": "x" * 201}])
