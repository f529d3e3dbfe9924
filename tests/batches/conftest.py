"""Owners and batches made through intake, as the API makes them."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User

from batches import intake, store
from batches.claims import Claim
from batches.models import Batch
from batches.results import Failed, Scored

Send = Callable[..., Batch]

SCORED = Scored(0.9, "fake", [[0.5, -0.5]], "test-1", "litert-int8", 1.0, 2.0)
FAILED = Failed("truncated_image", "The image ends too early.")


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def send(owner: User) -> Send:
    """Sends so many different small files and returns their batch."""

    def send_files(count: int, *, batch: Batch | None = None) -> Batch:
        uploads = [receive(f"{batch.total if batch else 0}-{place}".encode()) for place in range(count)]
        return intake.accept(owner=owner, uploads=uploads, batch_id=batch.id if batch else None).batch

    return send_files


def receive(content: bytes, filename: str = "face.jpg") -> intake.Upload:
    return intake.Upload(store.receive([content], filename=filename, max_bytes=1_000_000), "JPEG", 640, 480)


def scored(claim: Claim) -> Iterator[Scored]:
    return (SCORED for _ in claim.analyses)
