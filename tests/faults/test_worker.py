"""Rows 7 to 13, 15, 16 and 26 of the fault matrix: workers that die, hang or come late, images that do it to them,
two beats or none, and a clock that jumps."""

import signal
import time

import pytest

from batches.models import Analysis
from tests.faults import decoding, hooks, orders
from tests.faults.cluster import CHUNK, LEASE_SECONDS, Cluster, check, pictures

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

KILLS = 20
POINTS = ("after_claim", "in_predict", "after_predict", "before_record_commit")


def test_row_07_a_worker_killed_twenty_times_with_work_in_hand_ends_each_image_once(cluster: Cluster) -> None:
    sent = [cluster.send(120)]
    for number in range(KILLS):
        if cluster.unfinished(*sent).filter(attempts=0).count() < 4 * CHUNK:
            sent.append(cluster.send(60))
        if number % 2:
            # Only with new images in hand: three times the same would make poison of an innocent one, and rightly so.
            orders.give("after_claim" if number % 4 == 1 else "before_record_commit", orders.KILL)
            cluster.wait_for_exit("worker")
        else:
            cluster.hold("worker")
            cluster.kill("worker")
        cluster.start("worker")

    cluster.wait_for(*sent, seconds=240)
    check(*sent)
    assert Analysis.objects.filter(attempts=2).exists()


@pytest.mark.parametrize("point", POINTS)
def test_row_07_a_worker_killed_at_a_named_point_loses_and_doubles_nothing(cluster: Cluster, point: str) -> None:
    orders.give(point, orders.KILL)
    sent = cluster.send()

    assert cluster.wait_for_exit("worker") == -signal.SIGKILL
    cluster.start("worker")

    cluster.wait_for(sent)
    check(sent)
    assert Analysis.objects.filter(batch_id=sent.batch, attempts=2).exists()


def test_row_08_a_worker_told_to_stop_under_load_finishes_what_it_has_and_wastes_no_attempt(cluster: Cluster) -> None:
    cluster.kill("worker")
    cluster.start("worker", ASSAY_LEASE_SECONDS="600")  # none of them ends by itself
    sent = cluster.send(100)
    cluster.wait_until_running()

    assert cluster.terminate("worker") == 0

    assert not Analysis.objects.filter(state="running").exists()
    assert cluster.unfinished(sent).exists(), "nothing was left to stop for"
    cluster.start("worker")
    cluster.wait_for(sent)
    check(sent)
    assert set(Analysis.objects.filter(batch_id=sent.batch).values_list("attempts", flat=True)) == {1}


def test_row_09_what_a_hung_worker_holds_is_taken_over_and_its_watchdog_ends_it(cluster: Cluster) -> None:
    cluster.kill("worker")
    orders.give("in_predict", orders.HANG)
    cluster.start("worker", ASSAY_STUCK_SECONDS=str(2 * LEASE_SECONDS))
    sent = cluster.send()
    cluster.wait_until_running()
    cluster.start("second")

    cluster.wait_for(sent)

    check(sent)
    assert Analysis.objects.filter(batch_id=sent.batch, attempts=2).exists()
    assert cluster.wait_for_exit("worker") == 70
    assert "in reach" in cluster.log("worker"), "the stack says where it hung"


def test_row_10_a_worker_that_wakes_after_its_lease_changes_nothing(cluster: Cluster) -> None:
    sent = cluster.send(60)
    cluster.hold("worker")
    held = list(Analysis.objects.filter(state="running").values_list("id", flat=True))
    cluster.start("second")
    cluster.wait_for(sent)
    judged = {row.id: row.finished_at for row in Analysis.objects.filter(id__in=held)}

    cluster.signal("worker", signal.SIGCONT)
    another = cluster.send()
    cluster.wait_for(another)
    cluster.terminate("worker")  # it has finished what it held by then

    check(sent, another)
    assert {row.id: row.finished_at for row in Analysis.objects.filter(id__in=held)} == judged
    assert "came after their lease had ended" in cluster.log("worker")


def test_row_11_an_image_that_kills_its_worker_is_set_aside_and_the_others_of_its_claim_are_not(
    cluster: Cluster,
) -> None:
    good = pictures(15)
    sent = cluster.post([*good[:3], pictures(1)[0] + hooks.POISON, *good[3:]])
    for _ in range(3):
        assert cluster.wait_for_exit("worker") == -signal.SIGKILL
        cluster.start("worker")

    cluster.wait_for(sent)

    check(sent, codes={"worker_crashed": 1})
    poison = Analysis.objects.get(id=sent.ids[3])
    assert (poison.state, poison.attempts) == ("quarantined", 3)


def test_rows_12_and_13_an_image_that_hangs_crashes_or_swells_its_decoder_fails_alone(cluster: Cluster) -> None:
    """Row 12: hangs. Row 13: runs out of memory."""
    worker = cluster.running["worker"].pid
    bad = [pictures(1)[0] + mark for mark in (decoding.HANG, decoding.SWELL, decoding.CRASH, decoding.ODDITY)]
    sent = cluster.post([*pictures(4), *bad, *pictures(4)])

    cluster.wait_for(sent)

    check(sent, codes={"decoder_timeout": 1, "too_much_memory": 1, "decoder_crash": 2})
    assert Analysis.objects.filter(batch_id=sent.batch, state="done").count() == 8
    assert cluster.running["worker"].poll() is None
    assert cluster.running["worker"].pid == worker


def test_row_15_two_beats_at_once_change_nothing(cluster: Cluster) -> None:
    cluster.start("beat two")
    sent = [cluster.send(60) for _ in range(2)]
    cluster.hold("worker")
    cluster.kill("worker")
    cluster.start("worker")

    cluster.wait_for(*sent)

    check(*sent)
    assert max(Analysis.objects.values_list("attempts", flat=True)) == 2


def test_row_16_without_beat_the_workers_give_back_what_a_dead_one_held(cluster: Cluster) -> None:
    cluster.kill("beat")
    cluster.start("second")
    sent = cluster.send(60)
    cluster.hold("worker")
    cluster.kill("worker")  # and never comes back under its name

    cluster.wait_for(sent)

    check(sent)
    assert Analysis.objects.filter(batch_id=sent.batch, attempts=2, lease_owner="").exists()


@pytest.mark.parametrize("hours", [1, -1])
def test_row_26_a_clock_that_jumps_by_an_hour_ends_no_lease(cluster: Cluster, hours: int) -> None:
    cluster.kill("worker")
    for name in ("worker", "second"):
        cluster.start(name, ASSAY_LEASE_SECONDS="600")
    sent = cluster.send(200)
    cluster.hold("worker")
    cluster.wait_until_running(worker="second")  # which is there, then, and sees the clock as it was
    held = set(Analysis.objects.filter(state="running", lease_owner="worker@test").values_list("id", flat=True))
    time.sleep(4)

    orders.give("clock", str(hours * 3600), always=True)

    cluster.wait_for_words("second", "clock was set")
    time.sleep(4)
    assert set(Analysis.objects.filter(id__in=held).values_list("state", flat=True)) == {"running"}
    cluster.signal("worker", signal.SIGCONT)
    cluster.wait_for(sent)
    check(sent)
    assert set(Analysis.objects.filter(batch_id=sent.batch).values_list("attempts", flat=True)) == {1}
