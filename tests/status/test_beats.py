"""A worker's row says what it does, while it does it, and when it ended."""

import os
import time
from datetime import datetime, timedelta

from django.db.models.functions import Now
from pytest_django import Settings

from status import beats, selectors
from status.beats import Pulse
from status.models import WorkerBeat


def test_a_row_tells_of_the_process(db: None) -> None:
    pulse = Pulse()
    pulse.hold("best-1", "litert-int8")
    pulse.write("w1@here")
    with pulse.at_work():
        pulse.write("w1@here")

    beat = WorkerBeat.objects.get()
    assert (beat.name, beat.pid, beat.model_version, beat.images) == ("w1@here", os.getpid(), "best-1", 0)
    assert beat.busy_since
    assert beat.last_progress is None
    assert beat.started_at <= beat.busy_since <= beat.seen_at
    assert 10_000_000 < beat.rss < 100_000_000_000
    assert "assay_claim_rows" in beat.measured


def test_work_done_is_counted_and_no_longer_busy(db: None) -> None:
    pulse = Pulse()
    with pulse.at_work():
        pulse.count(5)
    pulse.count(2)
    pulse.write("w1@here")

    beat = WorkerBeat.objects.get()
    assert (beat.images, beat.busy_since) == (7, None)
    assert beat.last_progress
    assert beat.seen_at - beat.last_progress < timedelta(minutes=1)


def test_a_restart_is_another_boot_of_the_same_worker(db: None) -> None:
    Pulse().write("w1@here")
    first = WorkerBeat.objects.get().boot_id
    Pulse().write("w1@here")

    assert WorkerBeat.objects.get().boot_id != first


def test_a_thread_beats_until_it_says_good_bye(transactional_db: None, settings: Settings) -> None:
    settings.BEAT_SECONDS = 0.05
    pulse = Pulse()
    pulse.start("w1@here")
    seen: set[datetime] = set()
    deadline = time.monotonic() + 60
    while len(seen) < 3 and time.monotonic() < deadline:
        seen |= set(WorkerBeat.objects.values_list("seen_at", flat=True))
        time.sleep(0.05)
    pulse.stop()

    assert len(seen) >= 3
    assert WorkerBeat.objects.get().ended_at
    assert [worker.is_alive for worker in selectors.workers()] == [False]


def test_a_silent_worker_counts_as_gone_and_is_forgotten_after_a_day(db: None) -> None:
    Pulse().write("w1@here")
    Pulse().write("w2@here")
    WorkerBeat.objects.filter(name="w2@here").update(seen_at=Now() - timedelta(minutes=5))
    assert [(w.beat.name, w.is_alive) for w in selectors.workers()] == [("w1@here", True), ("w2@here", False)]
    assert beats.forget() == 0

    WorkerBeat.objects.filter(name="w2@here").update(seen_at=Now() - timedelta(days=2))
    assert beats.forget() == 1
    assert WorkerBeat.objects.get().name == "w1@here"


def test_a_dead_worker_does_not_live_again_because_the_clock_was_set_back(db: None) -> None:
    Pulse().write("w1@here")
    WorkerBeat.objects.update(seen_at=Now() + timedelta(hours=1))

    (worker,) = selectors.workers()

    assert not worker.is_alive
