"""Permits: tells the workers through the broker that something waits, and how many permits a lane should have."""

import logging
import queue
import threading
from collections import Counter

from celery.exceptions import CeleryError
from django.conf import settings
from django.db.models import Sum
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from batches.models import Batch, Lane
from config.celery import app

logger = logging.getLogger(__name__)

BROKER_ERRORS = (OperationalError, KombuError, CeleryError, RedisError, OSError)

EXPORT = "export"  # rung for like a lane
EXPORTS_A_SWEEP = 4

_rings: queue.Queue[tuple[str, int]] = queue.Queue(maxsize=100)
_start_lock = threading.Lock()
_thread: threading.Thread | None = None


def ring(lane: str, images: int) -> None:
    """Has permits for so many new images sent, off this thread: a request neither waits for the broker nor fails
    with it. What does not get through is made good by `top_up`."""
    _ring(lane, permits_wanted(images))


def ring_for_export() -> None:
    """Has a permit to write one export sent, in the same way."""
    _ring(EXPORT, 1)


def permits_wanted(waiting: int) -> int:
    return -(-waiting // int(settings.CHUNK))


def top_up() -> int:
    """Sends the permits that waiting analyses lack, and returns how many. Raises nothing when the broker is down."""
    sent = 0
    for lane, waiting in _waiting_by_lane().items():
        try:
            missing = permits_wanted(waiting) - queued_permits(lane)
            sent += _publish(lane, missing)
        except BROKER_ERRORS as error:
            logger.warning("The broker cannot be reached; permits are sent when it is back (%s).", error)
            break
    return sent


def top_up_exports(open_exports: int) -> None:
    """Sends permits for exports, a few at each sweep; what is queued already costs a look that finds nothing."""
    try:
        _publish(EXPORT, min(open_exports, EXPORTS_A_SWEEP))
    except BROKER_ERRORS as error:
        logger.warning("The broker cannot be reached; exports go on when it is back (%s).", error)


def queued_permits(lane: str) -> int:
    with app.connection_or_acquire() as connection:
        return int(connection.default_channel.client.llen(lane))


def _waiting_by_lane() -> dict[str, int]:
    """The counters of open batches, not the rows: 100,000 waiting analyses cost the same as 10."""
    rows = Batch.objects.filter(waiting__gt=0).values_list("lane").annotate(Sum("waiting")).order_by()
    return {Lane(lane): waiting for lane, waiting in rows}


def _publish(lane: str, permits: int) -> int:
    for _ in range(permits):
        # A signature's apply_async, unlike send_task, honours task_always_eager.
        if lane == EXPORT:
            # Somebody waits for the file, and behind a long batch's permits it would come last.
            permit = app.signature("workers.tasks.export", options={"expires": 10 * settings.SWEEP_SECONDS})
            permit.apply_async(queue=Lane.INTERACTIVE, retry=False)
        else:
            app.signature("workers.tasks.analyse", kwargs={"lane": lane}).apply_async(queue=lane, retry=False)
    return max(permits, 0)


def _ring(lane: str, permits: int) -> None:
    _start_thread()
    try:
        _rings.put_nowait((lane, permits))
    except queue.Full:
        logger.debug("More rings than the broker takes; the sweeper makes good.")


def _start_thread() -> None:
    global _thread
    with _start_lock:
        if _thread is None or not _thread.is_alive():  # a fork copies the name but not the thread
            _thread = threading.Thread(target=_publish_rings, name="permits", daemon=True)
            _thread.start()


def _publish_rings() -> None:
    is_broker_up = True
    while True:
        try:
            for lane, permits in _collect_rings().items():
                _publish(lane, permits)
            is_broker_up = True
        except BROKER_ERRORS as error:
            if is_broker_up:  # once, not for every upload while it is down
                logger.warning("The broker cannot be reached; the sweeper will send the permits (%s).", error)
            is_broker_up = False


def _collect_rings() -> Counter[str]:
    """Waits for a ring and takes all that wait with it: a broker that is slow to refuse is asked once for all."""
    lane, permits = _rings.get()
    collected = Counter({lane: permits})
    while not _rings.empty():
        lane, permits = _rings.get()
        collected[lane] += permits
    return collected
