"""Touches a file while the worker lives: a solo worker answers no ping while it works on a permit."""

from typing import Any

from celery.signals import heartbeat_sent, task_postrun, task_prerun, worker_ready
from django.conf import settings


@worker_ready.connect
@heartbeat_sent.connect  # every 2 s between two permits
@task_prerun.connect
@task_postrun.connect
def beat(**_: Any) -> None:
    if settings.PULSE is not None:
        settings.PULSE.touch()
