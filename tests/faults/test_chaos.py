"""Faults at random, under load, for ASSAY_CHAOS_SECONDS (300), by ASSAY_CHAOS_SEED (printed, to repeat it)."""

import os
import random
import signal
import time
from collections.abc import Callable
from http.client import HTTPException

import pytest

from tests.faults import decoding, orders
from tests.faults.cluster import Answer, Cluster, check, client, pictures

SECONDS = int(os.environ.get("ASSAY_CHAOS_SECONDS", "300"))
SEED = int(os.environ.get("ASSAY_CHAOS_SEED", str(random.SystemRandom().randrange(10**6))))

pytestmark = [pytest.mark.servers, pytest.mark.chaos, pytest.mark.timeout(SECONDS + 900)]

PROCESSES = ("broker", "web", "worker", "second", "beat")
MARKS = {decoding.CRASH: "decoder_crash", decoding.HANG: "decoder_timeout", decoding.SWELL: "too_much_memory"}


def test_what_was_acknowledged_ends_once_whatever_happens(cluster: Cluster) -> None:
    print(f"ASSAY_CHAOS_SEED={SEED}")
    dice = random.Random(SEED)
    cluster.start("second")
    sent: list[Answer] = []
    codes: dict[str, int] = {}
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        images = pictures(dice.randint(1, 40))
        mark = dice.choice([*MARKS, b"", b"", b"", b""])
        images[0] += mark
        try:
            answer = cluster.post(images)
        except (OSError, HTTPException):
            continue  # never acknowledged
        finally:
            hurt(cluster, dice)
        if answer.status == 202:
            sent.append(answer)
            if mark:
                codes[MARKS[mark]] = codes.get(MARKS[mark], 0) + 1
        else:
            assert answer.status in {503, 507}, answer.content
    cluster.heal()
    cluster.start("second")
    assert sent
    cluster.wait_for(*sent, seconds=300)

    check(*sent, codes=codes)


def hurt(cluster: Cluster, dice: random.Random) -> None:
    """One fault, and everybody who is gone is started again, as a supervisor would."""
    faults: list[Callable[[], object]] = [
        lambda: cluster.kill(dice.choice(("broker", "web", "beat"))),
        lambda: kill_between_claims(cluster, dice.choice(("worker", "second"))),
        flush,
        lambda: orders.give(dice.choice(("after_fsync", "before_commit", "after_commit")), orders.KILL),
        lambda: orders.give("mid_write", orders.FULL),
        lambda: stop_for_a_while(cluster, dice.choice(("broker", "worker", "beat"))),
        lambda: None,
        lambda: None,
    ]
    dice.choice(faults)()
    time.sleep(dice.uniform(0, 0.5))
    for name in PROCESSES:
        process = cluster.running.get(name)
        if process is not None and process.poll() is not None:
            del cluster.running[name]
        if name not in cluster.running:
            cluster.start(name)
    cluster.wait_until_web_answers()


def kill_between_claims(cluster: Cluster, name: str) -> None:
    """Not an image that two workers have died with: a third time makes poison of it, and rightly so."""
    process = cluster.running[name]
    cluster.signal(name, signal.SIGSTOP)
    if cluster.most_attempts_of(name) < 2:
        process.kill()
        process.wait()
    else:
        cluster.signal(name, signal.SIGCONT)


def flush() -> None:
    client().flushall()


def stop_for_a_while(cluster: Cluster, name: str) -> None:
    cluster.signal(name, signal.SIGSTOP)
    time.sleep(2)
    cluster.signal(name, signal.SIGCONT)
