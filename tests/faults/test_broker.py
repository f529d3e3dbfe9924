"""Rows 1 to 6, 14 and 30 of the fault matrix: a broker that is gone, empty, hung, full, or carries nonsense."""

import pickle
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F

from batches import dispatch
from batches.models import Analysis
from config.celery import app
from tests.faults.cluster import Cluster, check, client

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

LONGEST_WAIT = timedelta(seconds=60)  # a slow machine's; a permit that is lost takes some seconds to make good
ANSWER_SECONDS = 5.0  # an upload that waited for Kombu's retries takes 6


def no_permits_are_left() -> bool:
    """What a worker does that takes permits, and one that only looks by itself does not."""
    return not dispatch.queued_permits("interactive") and not dispatch.queued_permits("default")


def test_row_01_images_sent_while_the_broker_is_down_are_analysed_all_the_same(cluster: Cluster) -> None:
    cluster.kill("broker")

    sent = cluster.send()

    assert sent.seconds < ANSWER_SECONDS
    cluster.wait_for(sent)  # the broker is still down
    assert "broker" not in cluster.running
    check(sent)


def test_row_02_a_broker_flushed_every_second_loses_nothing(cluster: Cluster) -> None:
    ended = threading.Event()

    def flush() -> None:
        redis = client()
        while not ended.wait(1):
            redis.flushall()

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        sent = []
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            sent.append(cluster.send(4))
            time.sleep(0.5)
        cluster.wait_for(*sent)
    finally:
        ended.set()
        thread.join()
    check(*sent)
    rows = Analysis.objects.filter(batch_id__in=[one.batch for one in sent])
    assert not rows.filter(attempts__gt=1).exists()
    assert not rows.filter(finished_at__gt=F("created_at") + LONGEST_WAIT).exists()


@pytest.mark.parametrize("row", ["row 03 with its append-only file", "row 04 empty"])
def test_rows_03_and_04_a_broker_killed_and_started_again(cluster: Cluster, row: str) -> None:
    sent = [cluster.send()]
    cluster.kill("broker")
    if "empty" in row:
        for file in (settings.HOME / "broker").rglob("*.*"):
            file.unlink()
    cluster.start("broker")
    sent.append(cluster.send())

    cluster.wait_for(*sent)
    check(*sent)
    # The worker uses permits again: what is sent now does not have to wait for it to look by itself.
    cluster.wait_until(no_permits_are_left)


def test_row_05_a_hung_broker_stops_neither_uploads_nor_work(cluster: Cluster) -> None:
    cluster.signal("broker", signal.SIGSTOP)

    sent = cluster.send()

    assert sent.seconds < ANSWER_SECONDS
    cluster.wait_for(sent)  # the broker still hangs
    cluster.signal("broker", signal.SIGCONT)
    check(sent)
    again = cluster.send()
    cluster.wait_for(again)
    check(again)
    cluster.wait_until(no_permits_are_left)


def test_row_06_a_broker_without_memory_refuses_permits_and_no_image(cluster: Cluster) -> None:
    redis = client()
    redis.config_set("maxmemory", "1")
    try:
        sent = cluster.send()
        cluster.wait_for(sent)
    finally:
        redis.config_set("maxmemory", "256mb")
    check(sent)
    assert "The broker cannot be reached" in cluster.log("web")


def test_row_14_fifty_copies_of_a_message_give_one_result(cluster: Cluster) -> None:
    sent = cluster.send()
    dispatch._publish("interactive", 50)
    dispatch._publish("default", 50)

    cluster.wait_for(sent)

    check(sent)
    assert set(Analysis.objects.filter(batch_id=sent.batch).values_list("attempts", flat=True)) == {1}


def test_row_30_foreign_messages_cost_a_line_in_the_log(cluster: Cluster) -> None:
    worker = cluster.running["worker"].pid
    redis = client()
    nonsense = (
        b"\x00\xff no message",
        b"{",
        b"42",
        b"[]",
        b"{}",
        b'{"body": 1, "properties": {}}',
        pickle.dumps({"task": "os.system"}),
    )
    for message in nonsense:
        redis.lpush("interactive", message)
    with app.connection_for_write() as link:
        queue = link.SimpleQueue("interactive", serializer="pickle", queue_opts={"durable": True})
        queue.put({"task": "workers.tasks.sweep"}, serializer="pickle")
        queue.put({"any": "thing"}, serializer="json")
        queue.close()

    sent = cluster.send()
    cluster.wait_for(sent)

    cluster.wait_until(no_permits_are_left)
    assert cluster.running["worker"].poll() is None
    assert cluster.running["worker"].pid == worker
    check(sent)
