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
from config import logs, meters, traces
from config.celery import REQUEST_ID_HEADER, app

logger = logging.getLogger(__name__)

BROKER_ERRORS = (OperationalError, KombuError, CeleryError, RedisError, OSError)

EXPORT = "export"  # rung for like a lane
EXPORTS_A_SWEEP = 4

Origin = tuple[tuple[str, str], ...]  # headers that tell whose request rang: for logs and traces alone

_rings: queue.Queue[tuple[str, int, Origin]] = queue.Queue(maxsize=100)
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
            meters.broker_errors.inc()
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


def _origin() -> Origin:
    named = {REQUEST_ID_HEADER: logs.request_id()} if logs.request_id() else {}
    return tuple((named | traces.headers()).items())


def _publish(lane: str, permits: int, origin: Origin = ()) -> int:
    # A signature's apply_async, unlike send_task, honours task_always_eager.
    permit = app.signature("workers.tasks.analyse", kwargs={"lane": lane}, options={"queue": lane})
    if lane == EXPORT:
        # Somebody waits for the file, and behind a long batch's permits it would come last.
        options = {"queue": Lane.INTERACTIVE, "expires": 10 * settings.SWEEP_SECONDS}
        permit = app.signature("workers.tasks.export", options=options)
    for _ in range(permits):
        permit.apply_async(retry=False, headers=dict(origin) | traces.headers())
    return max(permits, 0)


def _ring(lane: str, permits: int) -> None:
    _start_thread()
    try:
        _rings.put_nowait((lane, permits, _origin()))
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
            for (lane, origin), permits in _collect_rings().items():
                with traces.span("permit", dict(origin), lane=lane, permits=permits):
                    _publish(lane, permits, origin)
            is_broker_up = True
        except BROKER_ERRORS as error:
            meters.broker_errors.inc()
            if is_broker_up:  # once, not for every upload while it is down
                logger.warning("The broker cannot be reached; the sweeper will send the permits (%s).", error)
            is_broker_up = False


def _collect_rings() -> Counter[tuple[str, Origin]]:
    """Waits for a ring and takes all that wait with it: a broker that is slow to refuse is asked once for all."""
    lane, permits, origin = _rings.get()
    collected = Counter({(lane, origin): permits})
    while not _rings.empty():
        lane, permits, origin = _rings.get()
        collected[lane, origin] += permits
    return collected
