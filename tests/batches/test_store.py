"""Bytes that were kept come back unchanged or not at all, in a folder as in S3, and a failed upload leaves nothing."""

import base64
import hashlib
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from pytest_django import Settings

from batches import store
from batches.errors import FileCorrupt, FileMissing, StorageAway, StorageFull, TooLarge
from tests.batches.buckets import Bucket
from tests.conftest import ROOT
from tests.system import free_port

CONTENT = b"a face" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Folder:
    """What stands in the local folder, and ways to spoil it."""

    def names(self) -> list[str]:
        return [path.name for path in settings.FILES.rglob("*") if path.is_file()]

    def lose(self, sha256: str) -> None:
        store.path_of(sha256).unlink()

    def spoil(self, sha256: str) -> None:
        store.path_of(sha256).write_bytes(b"b" + CONTENT[1:])


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    settings.THUMBNAILS = tmp_path / "thumbnails"
    settings.INCOMING = tmp_path / "incoming"


@pytest.fixture(params=["folder", "S3"])
def place(request: pytest.FixtureRequest) -> Folder | Bucket:
    if request.param == "folder":
        return Folder()
    bucket = request.getfixturevalue("bucket")
    assert isinstance(bucket, Bucket)
    return bucket


def incoming() -> list[Path]:
    return list(settings.INCOMING.iterdir())


def receive(content: bytes = CONTENT, max_bytes: int = 1_000_000) -> store.Received:
    return store.receive([content[:100], content[100:]], filename="a/face.jpg", max_bytes=max_bytes)


def test_kept_bytes_come_back_by_their_hash(place: Folder | Bucket) -> None:
    received = receive()
    store.keep([received])
    store.discard(received)

    assert (received.filename, received.sha256, received.byte_size) == ("face.jpg", SHA256, len(CONTENT))
    assert store.read(SHA256) == CONTENT
    assert place.names() == [SHA256]
    assert incoming() == []


def test_bytes_lie_in_folders_by_the_start_of_their_hash() -> None:
    store.keep([receive()])

    assert store.path_of(SHA256) == settings.FILES / SHA256[:2] / SHA256[2:4] / SHA256
    assert store.path_of(SHA256).read_bytes() == CONTENT


def test_the_same_bytes_are_stored_once(place: Folder | Bucket) -> None:
    store.keep([receive(), receive()])

    assert place.names() == [SHA256]


def test_many_are_kept_at_once(place: Folder | Bucket) -> None:
    received = [receive(bytes([number]) * 1000) for number in range(40)]
    store.keep(received)

    assert sorted(place.names()) == sorted(upload.sha256 for upload in received)
    assert store.read(received[7].sha256) == bytes([7]) * 1000


def test_removed_bytes_are_gone_and_may_be_removed_twice(place: Folder | Bucket) -> None:
    store.keep([receive()])

    store.remove([SHA256])
    store.remove([SHA256])

    assert place.names() == []
    with pytest.raises(FileMissing):
        store.read(SHA256)


def test_thumbnails_come_back_and_lie_apart(place: Folder | Bucket) -> None:
    with pytest.raises(FileMissing):
        store.read_thumbnail("abc-320.jpg")

    store.keep_thumbnail("abc-320.jpg", b"small")
    store.keep_thumbnail("abc-320.jpg", b"small again")

    assert store.read_thumbnail("abc-320.jpg") == b"small again"
    with pytest.raises(FileMissing):
        store.read("abc-320.jpg")


def test_an_upload_that_changed_on_its_way_to_s3_is_not_kept(bucket: Bucket) -> None:
    received = receive()
    received.path.write_bytes(b"b" + CONTENT[1:])

    with pytest.raises(FileCorrupt):
        store.keep([received])

    assert bucket.names() == []


class ChecksumSeen(BaseHTTPRequestHandler):
    """An S3 that answers as one does to a body which does not fit its checksum."""

    seen: ClassVar[list[str]] = []

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.headers["x-amz-checksum-sha256"])
        answer = b"<Error><Code>BadDigest</Code><Message>The checksum did not match.</Message></Error>"
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        return


def test_the_hash_travels_along_and_bytes_that_s3_refuses_are_not_kept(bucket: Bucket, settings: Settings) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), ChecksumSeen) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.S3_ENDPOINT = f"http://127.0.0.1:{server.server_port}"

        with pytest.raises(StorageAway):
            store.keep([receive()])

        server.shutdown()
    assert ChecksumSeen.seen[0] == base64.b64encode(bytes.fromhex(SHA256)).decode()


@pytest.mark.timeout(120)
def test_s3_that_cannot_be_reached_is_told_apart_from_a_missing_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, bucket: Bucket
) -> None:
    received = receive()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free_port()}"
    for act in (
        lambda: store.keep([received]),
        lambda: store.read(SHA256),
        lambda: store.remove([SHA256]),
        lambda: store.read_thumbnail("abc-320.jpg"),
    ):
        with pytest.raises(StorageAway):
            act()
    settings.S3_ENDPOINT, settings.S3_BUCKET = bucket.client.meta.endpoint_url, "no-such-bucket"
    with pytest.raises(StorageAway):
        store.read(SHA256)

    assert received.path.exists(), "it can be kept when S3 is back"


def test_boto3_is_not_imported_for_a_local_folder() -> None:
    program = (
        "import os, sys; sys.path[:0] = ['.', 'platform']; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; "
        "import config.wsgi, workers.app, workers.tasks, api.views.media; from batches import store; "
        "sys.exit(' '.join({'boto3', 'storages'} & sys.modules.keys()) or 0)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ASSAY_STORAGE"}
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_discarded_bytes_are_gone() -> None:
    store.discard(receive())

    assert incoming() == []


def test_a_file_over_the_limit_leaves_nothing_behind() -> None:
    with pytest.raises(TooLarge):
        receive(max_bytes=len(CONTENT) - 1)

    assert incoming() == []


def test_a_sender_that_breaks_off_leaves_nothing_behind() -> None:
    def broken() -> Iterator[bytes]:
        yield b"the first half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.receive(broken(), filename="face.jpg", max_bytes=1000)

    assert incoming() == []


def test_a_write_that_the_system_refuses_is_a_full_disk() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageFull):
            receive()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert incoming() == []


def test_uploads_stop_before_the_disk_is_full(settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 2**60

    with pytest.raises(StorageFull):
        receive()

    assert incoming() == []


def test_a_file_that_is_gone_is_missing(place: Folder | Bucket) -> None:
    store.keep([receive()])
    place.lose(SHA256)

    with pytest.raises(FileMissing):
        store.read(SHA256)


def test_a_changed_file_is_never_analysed_and_healed_by_the_next_upload(place: Folder | Bucket) -> None:
    store.keep([receive()])
    place.spoil(SHA256)

    with pytest.raises(FileCorrupt):
        store.read(SHA256)
    store.keep([receive()])

    assert store.read(SHA256) == CONTENT


def test_the_sweep_takes_only_what_was_abandoned() -> None:
    abandoned, arriving = receive(), receive(b"still arriving")
    hours_ago = time.time() - 2 * store.ABANDONED_SECONDS
    os.utime(abandoned.path, (hours_ago, hours_ago))

    assert store.sweep_incoming() == 1
    assert incoming() == [arriving.path]
