"""What a worker does when told: use up a permit, write an export, sweep, tidy."""

import sys
from contextlib import suppress
from functools import cache
from typing import Any

from celery.app.task import Task
from celery.signals import task_prerun, worker_init, worker_ready
from django.db import DatabaseError, close_old_connections

from batches import claims, deletion, dispatch, exports, lifecycle, store, submissions
from config.celery import app
from detector.errors import BundleError
from registry.errors import NoActiveVersion
from registry.serving import Detectors
from workers import pipeline

EX_CONFIG = 78  # sysexits.h: the supervisor need not try again at once
MODELS_OPEN = 3  # the active one, its shadow, and one that a batch asks for


@app.task(name="workers.tasks.analyse", bind=True)
def analyse(self: "Task[Any, Any]", lane: str) -> int:
    """Uses up one permit of a lane; running it twice claims what still waits, or nothing."""
    return pipeline.work(lane, detectors=_detectors(), owner=str(self.request.hostname))


@app.task(name="workers.tasks.sweep")
def sweep() -> None:
    """Gives back what dead workers held, sends the permits that got lost, removes what dead uploads left."""
    claims.expire()
    lifecycle.settle()
    dispatch.top_up()
    dispatch.top_up_exports(exports.open_exports())
    store.sweep_incoming()


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
def _open_detector(**_: Any) -> None:
    """Before the first permit, so that a worker that cannot work says so and ends."""
    try:
        with suppress(DatabaseError):  # it may come up later than we do; the first permit asks again
            _detectors().refresh()
    except (BundleError, NoActiveVersion) as error:
        print(f"{error} `manage.py model list` shows what there is.", file=sys.stderr)
        sys.exit(EX_CONFIG)


@worker_ready.connect
def _take_up_work(sender: Any, **_: Any) -> None:
    """What the last process of this name held need not wait for its lease to end."""
    claims.release(sender.hostname)
    dispatch.top_up()


@task_prerun.connect
def _drop_broken_connections(**_: Any) -> None:
    close_old_connections()


@cache
def _detectors() -> Detectors:
    return Detectors(threads=1, pool=pipeline.THREADS, room=MODELS_OPEN)
