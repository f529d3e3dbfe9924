"""What accept returns is on disk and in the database, in order and once."""

import hashlib

import pytest
from django.contrib.auth.models import User

from batches import intake, store
from batches.models import Analysis, Image

pytestmark = pytest.mark.django_db(transaction=True)


def upload(content: bytes, filename: str = "face.jpg") -> intake.Upload:
    return intake.Upload(store.receive([content], filename=filename, max_bytes=1000), "JPEG", 10, 20)


def test_everything_is_stored_once_and_in_order() -> None:
    owner = User.objects.create_user("ada")

    accepted = intake.accept(owner=owner, uploads=[upload(b"one", "a.jpg"), upload(b"two", "b.jpg"), upload(b"one", "c.jpg")])

    assert [analysis.filename for analysis in accepted.analyses] == ["a.jpg", "b.jpg", "c.jpg"]
    assert list(Analysis.objects.order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1, 2]
    assert Image.objects.count() == 2
    assert store.read(hashlib.sha256(b"one").hexdigest()) == b"one"
    assert (accepted.batch.total, accepted.batch.waiting, accepted.batch.lane) == (3, 3, "interactive")
