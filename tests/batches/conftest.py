"""Owners and batches made through intake, as the API makes them."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from batches import intake, store
from batches.claims import Claim
from batches.models import Batch
from batches.results import Failed, Scored
from tests.batches.buckets import BUCKET, Bucket

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


def anybody_waits_for_a_lock() -> bool:
    """Of PostgreSQL: it looks afresh, also in the midst of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  (it takes seconds, and few tests need it)

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(settings: Settings, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "its-secret")
    settings.S3_BUCKET, settings.S3_PREFIX = BUCKET, "some/prefix"
    settings.S3_ENDPOINT, settings.S3_REGION = s3_server, "us-east-1"
    import boto3  # noqa: PLC0415  (as above)

    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    bucket = Bucket(client)
    yield bucket
    for entry in bucket.listed():
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    client.close()
