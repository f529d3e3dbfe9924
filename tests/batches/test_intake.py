"""What accept returns is on disk and in the database, in order and once."""

import hashlib
import os
import subprocess
import sys
import time
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.db import connection, connections
from pytest_django import Settings

from batches import counters, intake, store
from batches.errors import BatchNotFound, StorageFull
from batches.models import Analysis, Batch, Image
from tests.batches.conftest import Send, receive

HOLD_LOCK = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(2)
"""


def parts() -> list[str]:
    return [path.name for path in configured.INCOMING.glob("*.part")]


def test_everything_is_stored_once_and_in_order(owner: User) -> None:
    uploads = [receive(b"one", "a.jpg"), receive(b"two", "b.jpg"), receive(b"one", "c.jpg")]

    accepted = intake.accept(owner=owner, uploads=uploads)

    assert [analysis.filename for analysis in accepted.analyses] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [analysis.ordinal for analysis in accepted.analyses] == [0, 1, 2]
    assert Image.objects.count() == 2
    assert store.read(hashlib.sha256(b"one").hexdigest()) == b"one"
    assert (accepted.batch.total, accepted.batch.waiting, accepted.batch.finished_at) == (3, 3, None)
    assert parts() == []


def test_a_batch_without_a_name_is_called_by_its_only_image_or_by_the_time(owner: User) -> None:
    one = intake.accept(owner=owner, uploads=[receive(b"one", "beach.jpg")], name=" ").batch
    several = intake.accept(owner=owner, uploads=[receive(b"one", "a.jpg"), receive(b"two", "b.jpg")]).batch

    assert one.name == "beach.jpg"
    assert several.name.endswith(" UTC")


def test_more_images_go_on_where_the_batch_ended(send: Send) -> None:
    batch = send(2)

    batch = send(3, batch=batch)

    assert list(Analysis.objects.order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1, 2, 3, 4]
    assert (batch.total, batch.waiting) == (5, 5)


def test_a_finished_batch_opens_again_and_its_pause_is_no_time_at_work(send: Send) -> None:
    batch = send(1)
    an_hour_ago = batch.created_at.replace(year=2020)
    Analysis.objects.update(state="failed", error_code="empty_file")
    Batch.objects.update(waiting=0, failed=1, started_at=an_hour_ago, finished_at=an_hour_ago.replace(microsecond=0))

    batch = send(1, batch=batch)

    assert batch.finished_at is None
    assert batch.started_at
    assert abs((batch.started_at - Analysis.objects.latest("created_at").created_at).total_seconds()) < 5


@pytest.mark.parametrize(("images", "lane"), [(1, "interactive"), (16, "interactive"), (17, "default"), (2001, "bulk")])
def test_the_first_request_decides_the_lane(images: int, lane: str) -> None:
    assert intake.lane_for(images) == lane


def test_somebody_elses_batch_is_not_found_and_the_files_are_gone(send: Send) -> None:
    batch = send(1)
    stranger = User.objects.create_user("eve")

    for batch_id in (batch.id, uuid4()):
        with pytest.raises(BatchNotFound):
            intake.accept(owner=stranger, uploads=[receive(b"mine")], batch_id=batch_id)

    assert Analysis.objects.count() == 1
    assert parts() == []


def test_a_full_batch_takes_what_fits_and_names_the_rest(send: Send, owner: User, settings: Settings) -> None:
    settings.MAX_IMAGES_PER_BATCH = 3
    batch = send(2)

    uploads = [receive(b"fits", "fits.jpg"), receive(b"too many", "rest.jpg")]
    accepted = intake.accept(owner=owner, uploads=uploads, batch_id=batch.id)

    assert [analysis.filename for analysis in accepted.analyses] == ["fits.jpg"]
    assert [(refusal.filename, refusal.code) for refusal in accepted.refused] == [("rest.jpg", "batch_full")]
    assert not store.path_of(hashlib.sha256(b"too many").hexdigest()).exists()
    assert parts() == []


def test_a_full_disk_leaves_no_row_and_no_file(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = receive(b"never kept")

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        intake.accept(owner=owner, uploads=[upload])

    assert Batch.objects.count() == 0
    assert parts() == []


def test_a_process_that_dies_before_the_commit_leaves_no_row_and_the_next_upload_works(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = receive(b"half way in")
    connections.close_all()
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(
            counters, "move", lambda _: os._exit(9)
        )  # the files are in their place, the rows not yet committed
        intake.accept(owner=owner, uploads=[upload])
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert store.path_of(upload.received.sha256).exists()
    assert (Batch.objects.count(), Analysis.objects.count(), Image.objects.count()) == (0, 0, 0)
    assert intake.accept(owner=owner, uploads=[receive(b"half way in")]).batch.total == 1


@pytest.mark.sqlite_only
def test_intake_waits_while_another_process_holds_the_database(owner: User) -> None:
    command = [sys.executable, "-c", HOLD_LOCK, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        started = time.monotonic()

        accepted = intake.accept(owner=owner, uploads=[receive(b"patient")])

        assert accepted.batch.total == 1
        assert time.monotonic() - started > 1


def test_a_request_neither_waits_for_nor_fails_with_a_broker_that_is_down(owner: User) -> None:
    started = time.monotonic()

    intake.accept(owner=owner, uploads=[receive(b"no broker")])

    assert time.monotonic() - started < 2
