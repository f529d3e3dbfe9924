"""Whether the broker answers, asked with short limits: a status page must not hang with the broker it reports on."""

import threading
import time
from dataclasses import dataclass

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from batches.models import Lane

LIMIT_SECONDS = 1.0
FRESH_SECONDS = 2.0  # scrapes and probes within this share one answer

_lock = threading.Lock()
_asked_at = float("-inf")
_state: "BrokerState | None" = None


@dataclass(frozen=True)
class BrokerState:
    permits: dict[str, int]  # queued, by lane; empty where it does not answer
    trouble: str  # why it does not answer; empty where it does

    @property
    def is_up(self) -> bool:
        return not self.trouble


def state() -> BrokerState:
    global _state, _asked_at
    with _lock:
        if _state is None or time.monotonic() - _asked_at >= FRESH_SECONDS:
            _state = ask()
            _asked_at = time.monotonic()
        return _state


def ask() -> BrokerState:
    # Kombu calls a unix socket redis+socket:// and its database virtual_host, its client unix:// and db.
    url = settings.BROKER_URL.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=", 1)
    client = redis.Redis.from_url(
        url, socket_timeout=LIMIT_SECONDS, socket_connect_timeout=LIMIT_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    try:
        return BrokerState({lane: int(client.llen(lane)) for lane in Lane}, "")
    except (redis.RedisError, OSError) as error:
        return BrokerState({}, type(error).__name__)
    finally:
        client.close()
