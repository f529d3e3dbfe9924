"""Exports lie in S3 where images do: any host's web process hands out what any host's worker wrote."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from batches import deletion, exports, store
from batches.errors import ExportNotFound
from batches.exports import Wanted
from batches.models import Batch, Export, Format
from tests.batches.buckets import BUCKET, Bucket
from tests.batches.conftest import Send
from tests.system import free_port

pytestmark = pytest.mark.django_db(transaction=True)

DAY = 86_400


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def batch(send: Send, bucket: Bucket) -> Batch:
    made = send(3)
    for key in bucket.names():
        bucket.lose(key)  # the images: what is listed from here on are exports
    return made


def test_what_a_worker_wrote_is_fetched_on_another_host(
    batch: Batch, owner: User, bucket: Bucket, settings: Settings, tmp_path: Path
) -> None:
    export = exports.request(batch, Format.JSONL, Wanted())
    assert exports.work() == 3
    assert not list(settings.EXPORTS.iterdir())  # nothing stays on the worker's disk
    settings.EXPORTS = tmp_path / "another host's"
    browser = Client()
    browser.force_login(owner)

    answer: Any = browser.get(f"/api/v1/exports/{export.id}/file")

    content = b"".join(answer.streaming_content)
    assert len(content.splitlines()) == 3
    assert int(answer["Content-Length"]) == len(content)
    assert [entry["Key"].startswith("some/prefix/exports/") for entry in bucket.listed()] == [True]


def test_whoever_loses_the_lease_leaves_nothing(batch: Batch, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.request(batch, Format.CSV, Wanted())
    keep = store.keep_export

    def keep_while_another_takes_over(name: str, draft: Path) -> None:
        keep(name, draft)
        assert bucket.names() == [name]
        Export.objects.update(lease_token=batch.id)

    monkeypatch.setattr(store, "keep_export", keep_while_another_takes_over)

    assert exports.work() == 0
    assert bucket.names() == []


def test_exports_expire_with_their_objects_and_what_nobody_knows_goes(
    batch: Batch, bucket: Bucket, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for format in (Format.CSV, Format.JSONL):
        exports.request(batch, format, Wanted())
        exports.work()
    bucket.client.put_object(Bucket=BUCKET, Key="some/prefix/exports/left-by-a-dead-writer.csv", Body=b"")
    Export.objects.filter(format="csv").update(created_at=Now() - timedelta(days=8))
    draft = folder / "left-by-a-dead-writer.part"
    draft.write_bytes(b"")
    os.utime(draft, (time.time() - 2 * DAY,) * 2)
    tomorrow = time.time() + 2 * DAY

    assert exports.expire() == 1
    assert sorted(name.rpartition(".")[2] for name in bucket.names()) == ["csv", "jsonl"]  # a day has not passed
    assert not draft.exists()
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert exports.expire() == 0

    assert bucket.names() == [Export.objects.get().file_name]


def test_deleting_a_batch_removes_its_exports(batch: Batch, owner: User, bucket: Bucket) -> None:
    exports.request(batch, Format.CSV, Wanted())
    exports.work()
    assert len(bucket.names()) == 1

    deletion.delete(batch.id, by=owner)

    assert bucket.names() == []


def test_an_object_that_somebody_removed_is_not_found(batch: Batch, bucket: Bucket) -> None:
    export = exports.request(batch, Format.CSV, Wanted())
    exports.work()
    export.refresh_from_db()
    store.remove_exports([export.file_name])

    with pytest.raises(ExportNotFound):
        exports.open_file(export)


@pytest.mark.timeout(120)
def test_while_s3_is_away_no_attempt_counts_and_the_file_comes_later(
    batch: Batch, settings: Settings, folder: Path
) -> None:
    export = exports.request(batch, Format.CSV, Wanted())
    is_here, settings.S3_ENDPOINT = settings.S3_ENDPOINT, f"http://127.0.0.1:{free_port()}"

    assert exports.work() == 0

    export.refresh_from_db()
    assert (export.state, export.attempts, export.error_code) == ("running", 0, "")
    assert list(folder.iterdir()) == []
    settings.S3_ENDPOINT = is_here
    Export.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert exports.work() == 3


def test_a_prefix_that_looks_like_a_folder_of_images_takes_exports_too(
    batch: Batch, bucket: Bucket, settings: Settings
) -> None:
    settings.S3_PREFIX = "files/of"  # so an export's fourth part from the end is `files`, as an image's is
    exports.request(batch, Format.CSV, Wanted())

    assert exports.work() == 3
    assert [entry["Key"].startswith("files/of/exports/") for entry in bucket.listed()] == [True]
