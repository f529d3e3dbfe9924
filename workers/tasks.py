"""What a worker does when told: use up a permit, or sweep."""

import logging
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from celery.app.task import Task
from celery.signals import task_prerun, worker_init, worker_ready, worker_shutdown
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections

from batches import claims, dispatch, store
from config import logs, meters, traces
from config.celery import REQUEST_ID_HEADER, app
from detector.errors import BundleError
from registry.errors import NoActiveVersion
from registry.serving import Detectors
from status import beats
from workers import pipeline

logger = logging.getLogger(__name__)

EX_CONFIG = 78  # sysexits.h: the supervisor need not try again at once
MODELS_OPEN = 3  # the active one, its shadow, and one that a batch asks for


@app.task(name="workers.tasks.analyse", bind=True)
def analyse(self: "Task[Any, Any]", lane: str) -> int:
    """Uses up one permit of a lane; running it twice claims what still waits, or nothing."""
    headers = self.request.headers or {}
    # Whose request rang. The permit may claim images of others too, so this tells where it came from and no more.
    with (
        logs.for_request(logs.fit(headers.get(REQUEST_ID_HEADER))),
        traces.span("work", _trace_of(headers), lane=lane),
        beats.pulse.at_work(),
    ):
        started = time.perf_counter()
        ended = pipeline.work(lane, detectors=_detectors(), owner=str(self.request.hostname))
        beats.pulse.count(ended)
        _tell(lane, ended, time.perf_counter() - started)
        return ended


def _trace_of(headers: Mapping[str, object]) -> dict[str, str]:
    """Off the broker comes what anybody put there; what the value means, OpenTelemetry checks."""
    return {"traceparent": given} if isinstance(given := headers.get("traceparent"), str) else {}


def _tell(lane: str, ended: int, seconds: float) -> None:
    beats.pulse.hold(_detectors().version, settings.ENGINE)
    meters.permit_seconds.labels(lane).observe(seconds)
    traces.note(ended=ended)
    if ended:  # permits that found nothing left to do are many and no news
        measured = {"lane": lane, "ended": ended, "ms": round(seconds * 1000, 1)}
        logger.info("%d analyses of lane %s ended in %.0f ms", ended, lane, seconds * 1000, extra=measured)


@app.task(name="workers.tasks.sweep")
def sweep() -> None:
    """Gives back what dead workers held, sends the permits that got lost, removes what dead uploads left."""
    claims.expire()
    dispatch.top_up()
    store.sweep_incoming()
    beats.forget()


@worker_init.connect
def _open_detector(**_: Any) -> None:
    """Before the first permit, so that a worker that cannot work says so and ends."""
    try:
        traces.start("worker")
        with suppress(DatabaseError):  # it may come up later than we do; the first permit asks again
            _detectors().refresh()
            beats.pulse.hold(_detectors().version, settings.ENGINE)
    except ImproperlyConfigured as error:  # Celery would log it and go on
        print(error, file=sys.stderr)
        sys.exit(EX_CONFIG)
    except (BundleError, NoActiveVersion) as error:
        print(f"{error} `manage.py model list` shows what there is.", file=sys.stderr)
        sys.exit(EX_CONFIG)


@worker_ready.connect
def _take_up_work(sender: Any, **_: Any) -> None:
    """What the last process of this name held need not wait for its lease to end."""
    beats.pulse.start(sender.hostname)
    claims.release(sender.hostname)
    dispatch.top_up()


@worker_shutdown.connect
def _say_good_bye(**_: Any) -> None:
    beats.pulse.stop()


@task_prerun.connect
def _drop_broken_connections(**_: Any) -> None:
    close_old_connections()


@cache
def _detectors() -> Detectors:
    return Detectors(threads=1, pool=pipeline.THREADS, room=MODELS_OPEN)
