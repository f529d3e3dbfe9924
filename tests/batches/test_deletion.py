"""A deleted batch leaves a receipt and nothing else; what others use stays."""

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from batches import claims, deletion, exports, intake, lifecycle, results, store
from batches.errors import BatchNotFound, StorageBusy
from batches.exports import Wanted
from batches.lifecycle import Choice
from batches.models import Analysis, Batch, Deletion, Export, Format, Image
from tests.batches.conftest import Send, anybody_waits_for_a_lock, receive, scored

pytestmark = pytest.mark.django_db(transaction=True)

LANE = "interactive"


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    settings.THUMBNAILS = tmp_path / "thumbnails"
    settings.EXPORTS = tmp_path / "exports"


def files() -> list[str]:
    return sorted(path.name for path in configured.FILES.rglob("*") if path.is_file())


def judge_all() -> None:
    claim = claims.take(LANE, 100, owner="w1")
    results.record(claim, list(scored(claim)))


def test_rows_files_and_thumbnails_are_gone_and_the_receipt_tells(owner: User) -> None:
    uploads = [receive(b"one"), receive(b"two"), receive(b"one")]
    batch = intake.accept(owner=owner, uploads=uploads).batch
    rows = list(Analysis.objects.values_list("id", "image_id"))
    sha256 = hashlib.sha256(b"one").hexdigest()
    thumbnail = configured.THUMBNAILS / sha256[:2] / f"{sha256}-320.jpg"
    thumbnail.parent.mkdir(parents=True)
    thumbnail.write_bytes(b"small")
    judge_all()

    receipt = deletion.delete(batch.id, by=owner)

    assert (files(), thumbnail.exists()) == ([], False)
    assert [model.objects.count() for model in (Batch, Analysis, Image)] == [0, 0, 0]
    assert (receipt.batch_id, receipt.owner, receipt.deleted_by) == (batch.id, owner, owner)
    assert (receipt.analyses, receipt.files, receipt.byte_size) == (3, 2, 6)
    lines = sorted(f"{row_id} {image}\n" for row_id, image in rows)
    assert receipt.digest == hashlib.sha256("".join(lines).encode()).hexdigest()
    with pytest.raises(BatchNotFound):
        deletion.delete(batch.id, by=owner)


def test_what_another_batch_uses_stays(owner: User) -> None:
    eve = User.objects.create_user("eve")
    mine = intake.accept(owner=owner, uploads=[receive(b"shared"), receive(b"mine")]).batch
    intake.accept(owner=eve, uploads=[receive(b"shared")])

    receipt = deletion.delete(mine.id, by=owner)

    assert receipt.files == 1
    assert files() == [hashlib.sha256(b"shared").hexdigest()]
    assert store.read(Analysis.objects.get().image_id) == b"shared"


def test_a_late_result_of_a_deleted_batch_changes_nothing(send: Send, owner: User) -> None:
    batch, other = send(2), send(1)
    claim = claims.take(LANE, 10, owner="w1")

    deletion.delete(batch.id, by=owner)

    assert results.record(claim, list(scored(claim))) == 1
    assert Analysis.objects.get().batch == other


def test_a_batch_that_repeats_a_deleted_one_stays(send: Send, owner: User) -> None:
    batch = send(2)
    judge_all()
    repeat = lifecycle.repeat(batch, model_version="other-1", choice=Choice())

    deletion.delete(batch.id, by=owner)

    repeat.refresh_from_db()
    assert repeat.origin is None
    assert Analysis.objects.filter(batch=repeat, origin=None).count() == Analysis.objects.count() == 2
    assert len(files()) == 2


def test_exports_go_with_their_batch(send: Send, owner: User) -> None:
    batch = send(1)
    exports.request(batch, Format.CSV, Wanted())
    assert exports.work() == 1

    deletion.delete(batch.id, by=owner)

    assert not Export.objects.exists()
    assert list(configured.EXPORTS.iterdir()) == []


def test_a_crash_after_the_commit_leaves_what_is_collected_later(
    send: Send, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = send(3)

    def crash(hashes: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(deletion, "collect", crash)
        with pytest.raises(KeyboardInterrupt):
            deletion.delete(batch.id, by=owner)
    assert (Image.objects.count(), len(files()), Deletion.objects.count()) == (3, 3, 1)
    with monkeypatch.context() as broken:
        broken.setattr(store, "remove", crash)
        with pytest.raises(KeyboardInterrupt):
            deletion.collect(list(Image.objects.values_list("sha256", flat=True)[:1]))

    for _ in look_everywhere(monkeypatch):
        deletion.collect_orphans()
    assert len(files()) >= 2  # they are fresh: an upload may just be about to write their rows
    monkeypatch.setattr(store, "ABANDONED_SECONDS", -1)
    for _ in look_everywhere(monkeypatch):
        deletion.collect_orphans()

    assert (files(), Image.objects.count()) == ([], 0)


def test_orphans_are_collected_and_what_is_used_is_not(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    send(2)
    before = files()
    store.keep([receive(b"nobody's").received])
    monkeypatch.setattr(store, "ABANDONED_SECONDS", -1)

    removed = 0
    for _ in look_everywhere(monkeypatch):
        removed += deletion.collect_orphans()

    assert (removed, files()) == (1, before)


def look_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets the clock go by once, so that every folder is looked through."""
    for minute in range(256):
        with monkeypatch.context() as clock:
            clock.setattr(deletion, "now", lambda minute=minute: minute * 60.0)
            yield


def test_an_upload_whose_file_was_just_deleted_is_refused_whole(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion between keeping the file and writing the row: the one moment when both see the image as unused."""
    kept = store.keep

    def keep_and_lose(received: list[store.Received]) -> None:
        kept(received)
        assert deletion.remove_files([received[0].sha256]) == 1

    monkeypatch.setattr(store, "keep", keep_and_lose)

    with pytest.raises(StorageBusy):
        intake.accept(owner=owner, uploads=[receive(b"one"), receive(b"two")])

    assert [model.objects.count() for model in (Batch, Analysis, Image)] == [0, 0, 0]


@pytest.mark.postgres_only  # SQLite lets nobody write beside
def test_an_upload_of_an_image_whose_row_is_deleted_meanwhile_is_refused_whole(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = intake.accept(owner=owner, uploads=[receive(b"one")]).batch
    missing = store.missing

    def look_when_the_row_is_gone(hashes: list[str]) -> list[str]:
        deleting.append(pool.submit(delete_and_close, before.id))
        while Image.objects.filter(sha256__in=hashes).exists():
            time.sleep(0.01)
        return missing(hashes)

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patched:
        deleting: list[Future[None]] = []
        patched.setattr(store, "missing", look_when_the_row_is_gone)
        with pytest.raises(StorageBusy):
            intake.accept(owner=owner, uploads=[receive(b"one")])
        deleting[0].result(timeout=20)

    assert [model.objects.count() for model in (Batch, Analysis, Image)] == [0, 0, 0]


def delete_and_close(batch_id: UUID) -> None:
    deletion.delete(batch_id, by=None)
    connection.close()


def test_the_retention_rule_deletes_what_ended_long_ago_a_little_at_a_time(
    send: Send, owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [send(1) for _ in range(3)]
    paused = send(1)
    lifecycle.pause(paused.id)
    judge_all()
    fresh, running = send(1), send(1)
    Batch.objects.filter(id__in=[batch.id for batch in old]).update(finished_at=Now() - timedelta(days=31))
    Batch.objects.filter(id=paused.id).update(paused_at=Now() - timedelta(days=32))
    monkeypatch.setattr(deletion, "BATCHES_A_TIME", 2)

    assert deletion.retain() == 0  # 0 days keep everything
    settings.RETENTION_DAYS = 30

    assert [deletion.retain(), deletion.retain(), deletion.retain()] == [2, 2, 0]
    assert set(Batch.objects.values_list("id", flat=True)) == {fresh.id, running.id}
    assert Deletion.objects.filter(deleted_by=None, owner=owner).count() == Deletion.objects.count() == 4


def ask_for_an_export(batch: Batch) -> None:
    exports.request(batch, Format.CSV, Wanted())


def have_it_repeated(batch: Batch) -> None:
    lifecycle.repeat(batch, model_version="other-12345678", choice=Choice())


@pytest.mark.postgres_only  # SQLite lets nobody write beside
@pytest.mark.parametrize(
    ("act", "table"),
    [(ask_for_an_export, "batches_batch"), (have_it_repeated, "batches_analysis")],
)
def test_what_comes_to_a_batch_as_it_is_deleted_does_not_hold_it(
    act: Callable[[Batch], None], table: str, send: Send, owner: User
) -> None:
    batch = send(2)
    judge_all()

    def act_and_close() -> None:
        try:
            act(batch)
        finally:
            connection.close()

    def act_before_the_rows_go(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith(f'DELETE FROM "{table}"'):
            acting.append(pool.submit(act_and_close))
            while not acting[-1].done() and not anybody_waits_for_a_lock():
                time.sleep(0.01)
        return execute(sql, *rest)

    with ThreadPoolExecutor(1) as pool, connection.execute_wrapper(act_before_the_rows_go):
        acting: list[Future[None]] = []
        deletion.delete(batch.id, by=owner)

    assert isinstance(acting[0].exception(), BatchNotFound)
    assert [model.objects.count() for model in (Batch, Analysis, Export)] == [0, 0, 0]


def test_the_retention_rule_goes_on_where_somebody_was_quicker(
    send: Send, owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = send(1), send(2)
    judge_all()
    Batch.objects.update(finished_at=Now() - timedelta(days=31))
    settings.RETENTION_DAYS = 30
    delete = deletion.delete

    def delete_after_its_owner(batch_id: UUID, *, by: User | None) -> Deletion:
        if not Deletion.objects.exists():
            delete(batch_id, by=owner)
        return delete(batch_id, by=by)

    monkeypatch.setattr(deletion, "delete", delete_after_its_owner)

    deletion.retain()

    assert {receipt.batch_id for receipt in Deletion.objects.all()} == {first.id, second.id}
