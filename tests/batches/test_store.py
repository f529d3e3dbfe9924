"""Bytes that were kept come back unchanged or not at all, and a failed upload leaves nothing behind."""

import hashlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from batches import store
from batches.errors import FileCorrupt, FileMissing, StorageFull, TooLarge

CONTENT = b"a face" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    settings.INCOMING = tmp_path / "incoming"


def incoming() -> list[Path]:
    return list(settings.INCOMING.iterdir())


def receive(content: bytes = CONTENT, max_bytes: int = 1_000_000) -> store.Received:
    return store.receive([content[:100], content[100:]], filename="a/face.jpg", max_bytes=max_bytes)


def test_kept_bytes_come_back_by_their_hash() -> None:
    received = receive()
    store.keep([received])

    assert (received.filename, received.sha256, received.byte_size) == ("face.jpg", SHA256, len(CONTENT))
    assert store.read(SHA256) == CONTENT
    assert store.path_of(SHA256) == settings.FILES / SHA256[:2] / SHA256[2:4] / SHA256
    assert incoming() == []


def test_the_same_bytes_are_stored_once() -> None:
    store.keep([receive(), receive()])

    assert [path for path in settings.FILES.rglob("*") if path.is_file()] == [store.path_of(SHA256)]


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


def test_a_file_that_is_gone_is_missing() -> None:
    store.keep([receive()])
    store.path_of(SHA256).unlink()

    with pytest.raises(FileMissing):
        store.read(SHA256)


def test_a_changed_file_is_never_analysed_and_healed_by_the_next_upload() -> None:
    store.keep([receive()])
    store.path_of(SHA256).write_bytes(b"b" + CONTENT[1:])

    with pytest.raises(FileCorrupt):
        store.read(SHA256)
    store.keep([receive()])

    assert store.read(SHA256) == CONTENT


def test_the_janitor_takes_only_what_was_abandoned() -> None:
    abandoned, arriving = receive(), receive(b"still arriving")
    hours_ago = time.time() - 2 * store.ABANDONED_SECONDS
    os.utime(abandoned.path, (hours_ago, hours_ago))

    assert store.sweep_incoming() == 1
    assert incoming() == [arriving.path]
