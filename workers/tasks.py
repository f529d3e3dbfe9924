"""What a worker does when told: use up a permit, or sweep."""

import sys
from contextlib import suppress
from functools import cache
from typing import Any

from celery.signals import task_prerun, worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from batches import claims, dispatch, janitor
from batches.models import Lane
from config.celery import app
from detector.errors import BundleError
from registry.errors import NoActiveVersion
from registry.serving import Detectors
from workers import pipeline
from workers.errors import DecoderUnavailable
from workers.polling import Poller

EX_OSERR, EX_CONFIG = 71, 78  # sysexits.h
MODELS_OPEN = 3  # the active one, its shadow, and one that a batch asks for

_owner = ""  # this worker's name, which its leases bear


@app.task(name="workers.tasks.analyse")
def analyse(lane: str) -> int:
    """Uses up one permit of a lane; running it twice claims what still waits, or nothing."""
    return _poller().use_permit(lane)


@app.task(name="workers.tasks.sweep")
def sweep() -> None:
    """Gives back what dead workers held, sends the permits that got lost, removes what dead uploads left."""
    claims.expire()
    dispatch.top_up()
    janitor.tidy()


@worker_init.connect
def _take_up_work(sender: Any, **_: Any) -> None:
    """Before the first permit, so that a worker that cannot work says so and ends."""
    global _owner
    _owner = sender.hostname
    try:
        pipeline.decoders.start()
        with suppress(DatabaseError):  # it may come up later than we do; the first permit asks again
            # What the last process of this name held need not wait for its lease to end.
            claims.release(_owner)
            _detectors().refresh()
    except (BundleError, NoActiveVersion) as error:
        print(f"{error} `manage.py model list` shows what there is.", file=sys.stderr)
        sys.exit(EX_CONFIG)
    except DecoderUnavailable as error:
        print(error, file=sys.stderr)
        sys.exit(EX_OSERR)
    _poller().start(lanes=lambda: [lane for lane in Lane if lane in app.amqp.queues.consume_from])


@worker_ready.connect
def _send_lost_permits(**_: Any) -> None:
    dispatch.top_up()


@worker_shutting_down.connect
def _take_up_no_more(**_: Any) -> None:
    _poller().stop()


@worker_shutdown.connect
def _finish_work(**_: Any) -> None:
    _poller().finish()


@task_prerun.connect
def _drop_broken_connections(**_: Any) -> None:
    close_old_connections()


@cache
def _detectors() -> Detectors:
    return Detectors(threads=1, pool=pipeline.THREADS, room=MODELS_OPEN)


@cache
def _poller() -> Poller:
    return Poller(
        work=lambda lane: pipeline.work(lane, detectors=_detectors(), owner=_owner),
        tidy=claims.expire,
        seconds=settings.POLL_SECONDS,
    )
