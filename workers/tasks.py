"""What a worker does when told: use up a permit, write an export, sweep, tidy."""

import logging
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from celery.app.task import Task
from celery.signals import task_prerun, worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections

from batches import claims, deletion, dispatch, exports, lifecycle, store, submissions
from batches.models import Lane
from config import logs, meters, traces
from config.celery import REQUEST_ID_HEADER, app
from detector.errors import BundleError
from registry.errors import NoActiveVersion
from registry.serving import Detectors
from status import beats
from workers import pipeline
from workers.errors import DecoderUnavailable
from workers.polling import Poller

logger = logging.getLogger(__name__)

EX_OSERR, EX_CONFIG = 71, 78  # sysexits.h
MODELS_OPEN = 3  # the active one, its shadow, and one that a batch asks for

_owner = ""  # this worker's name, which its leases bear


@app.task(name="workers.tasks.analyse", bind=True)
def analyse(self: "Task[Any, Any]", lane: str) -> int:
    """Uses up one permit of a lane; running it twice claims what still waits, or nothing."""
    headers = self.request.headers or {}
    # Whose request rang. The permit may claim images of others too, so this tells where it came from and no more.
    with (
        logs.for_request(logs.fit(headers.get(REQUEST_ID_HEADER))),
        traces.span("work", _trace_of(headers), lane=lane),
    ):
        return _poller().use_permit(lane)


def _trace_of(headers: Mapping[str, object]) -> dict[str, str]:
    """Off the broker comes what anybody put there; what the value means, OpenTelemetry checks."""
    return {"traceparent": given} if isinstance(given := headers.get("traceparent"), str) else {}


@app.task(name="workers.tasks.sweep")
def sweep() -> None:
    """Gives back what dead workers held, sends the permits that got lost, removes what dead uploads left."""
    claims.expire()
    lifecycle.settle()
    dispatch.top_up()
    dispatch.top_up_exports(exports.open_exports())
    store.sweep_incoming()
    beats.forget()


@app.task(name="workers.tasks.export")
def export() -> int:
    """Writes one export that waits, if any does."""
    return exports.work()


@app.task(name="workers.tasks.tidy")
def tidy() -> None:
    """Deletes what has been kept long enough, a little at a time."""
    deletion.retain()
    deletion.collect_orphans()
    exports.expire()
    submissions.forget()


@worker_init.connect
def _take_up_work(sender: Any, **_: Any) -> None:
    """Before the first permit, so that a worker that cannot work says so and ends."""
    global _owner
    _owner = sender.hostname
    try:
        traces.start("worker")
        pipeline.decoders.start()
        with suppress(DatabaseError):  # it may come up later than we do; the first permit asks again
            # What the last process of this name held need not wait for its lease to end.
            claims.release(_owner)
            _detectors().refresh()
            beats.pulse.hold(_detectors().version, settings.ENGINE)
    except ImproperlyConfigured as error:  # Celery would log it and go on
        print(error, file=sys.stderr)
        sys.exit(EX_CONFIG)
    except (BundleError, NoActiveVersion) as error:
        print(f"{error} `manage.py model list` shows what there is.", file=sys.stderr)
        sys.exit(EX_CONFIG)
    except DecoderUnavailable as error:
        print(error, file=sys.stderr)
        sys.exit(EX_OSERR)
    _poller().start(lanes=lambda: [lane for lane in Lane if lane in app.amqp.queues.consume_from])


@worker_ready.connect
def _send_lost_permits(**_: Any) -> None:
    beats.pulse.start(_owner)
    dispatch.top_up()


@worker_shutting_down.connect
def _take_up_no_more(**_: Any) -> None:
    _poller().stop()


@worker_shutdown.connect
def _finish_work(**_: Any) -> None:
    _poller().finish()
    beats.pulse.stop()


@task_prerun.connect
def _drop_broken_connections(**_: Any) -> None:
    close_old_connections()


def _work(lane: str) -> int:
    """Whether a permit came or the database was asked: what waits in a lane, seen by whoever looks on."""
    with beats.pulse.at_work():
        started = time.perf_counter()
        ended = pipeline.work(lane, detectors=_detectors(), owner=_owner)
        beats.pulse.count(ended)
        _tell(lane, ended, time.perf_counter() - started)
        return ended


def _tell(lane: str, ended: int, seconds: float) -> None:
    beats.pulse.hold(_detectors().version, settings.ENGINE)
    meters.permit_seconds.labels(lane).observe(seconds)
    traces.note(ended=ended)
    if ended:  # permits that found nothing left to do are many and no news
        measured = {"lane": lane, "ended": ended, "ms": round(seconds * 1000, 1)}
        logger.info("%d analyses of lane %s ended in %.0f ms", ended, lane, seconds * 1000, extra=measured)


@cache
def _detectors() -> Detectors:
    return Detectors(threads=1, pool=pipeline.THREADS, room=MODELS_OPEN)


@cache
def _poller() -> Poller:
    return Poller(work=_work, tidy=claims.expire, seconds=settings.POLL_SECONDS)
