"""The Celery application: JSON messages, no results, one message in hand."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

REQUEST_ID_HEADER = "assay_request_id"  # on a permit: whose request rang, for logs alone

app = Celery("assay", broker=settings.BROKER_URL)
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_accept_content=["json"],
    result_serializer="json",
    event_serializer="json",
    task_ignore_result=True,  # the row is the result
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_publish_retry=False,  # the sweeper makes good what did not get through
    broker_transport_options={
        "queue_order_strategy": "priority",  # the order of -Q: interactive before default before bulk
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        # Kombu gives back what a dead worker held after about 100 s unless these are set.
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    },
    beat_schedule={
        "sweep": {
            "task": "workers.tasks.sweep",
            "schedule": settings.SWEEP_SECONDS,
            "options": {"queue": "interactive", "expires": settings.SWEEP_SECONDS},
        },
        "tidy": {
            "task": "workers.tasks.tidy",
            "schedule": settings.TIDY_SECONDS,
            "options": {"queue": "interactive", "expires": settings.TIDY_SECONDS},
        },
    },
)


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Celery leaves logging alone where somebody answers this; worker and beat then write as the web process does."""
    logging.config.dictConfig(settings.LOGGING)
