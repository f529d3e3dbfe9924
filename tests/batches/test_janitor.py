"""What dead uploads left goes after an hour; what has a row or is new stays."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from batches import janitor, store
from batches.models import Analysis, UploadKey
from tests.batches.conftest import Send, receive


def age(path: Path) -> None:
    long_ago = time.time() - 2 * store.ABANDONED_SECONDS
    os.utime(path, (long_ago, long_ago))


def keep_without_row(content: bytes) -> Path:
    upload = receive(content)
    store.keep([upload.received])
    return store.path_of(upload.received.sha256)


def sweep_all() -> int:
    return sum(janitor.sweep(folder) for folder in settings.FILES.iterdir())


def test_an_old_file_without_a_row_is_removed_and_others_are_not(send: Send) -> None:
    batch = send(3)
    named = [store.path_of(row.image_id) for row in batch.analyses.all()]
    orphan, new = keep_without_row(b"old"), keep_without_row(b"new")
    for path in (*named, orphan):
        age(path)

    assert sweep_all() >= 1

    assert not orphan.exists()
    assert all(path.exists() for path in (*named, new))
    assert not list(settings.INCOMING.glob("*.part"))


def test_a_file_that_was_sent_anew_while_it_is_removed_is_put_back(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keep_without_row(b"sent again")
    age(path)
    rename = Path.rename

    def rename_late(self: Path, target: Path) -> Path:
        if self == path:
            keep_without_row(b"sent again")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_late)

    sweep_all()

    assert path.read_bytes() == b"sent again"


def test_every_folder_of_the_store_has_its_turn(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: set[str] = set()

    def note(folder: Path) -> int:
        folders.add(folder.name)
        return 0

    monkeypatch.setattr(janitor, "sweep", note)
    for turn in range(256):
        monkeypatch.setattr(time, "time", lambda turn=turn: 1e9 + turn * settings.SWEEP_SECONDS)
        janitor.tidy()
    assert len(folders) == 256


def test_a_key_is_forgotten_after_a_day_and_its_batch_is_not(send: Send) -> None:
    batch = send(1)
    for name in ("old", "new"):
        UploadKey.objects.create(owner=batch.owner, key=name, batch=batch, first_ordinal=0, images=1)
    UploadKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=2))

    janitor.tidy()

    assert UploadKey.objects.get().key == "new"
    assert Analysis.objects.filter(batch=batch).exists()
