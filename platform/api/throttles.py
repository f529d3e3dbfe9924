"""So many requests a minute for each user, counted in the cache that all processes share; open where it is down."""

import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import addresses
from api import errors

if TYPE_CHECKING:  # it reads the settings, which name this module
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
# After the cache did not answer it is left alone for a while: a broker that hangs would slow every request.
PAUSE_SECONDS = 10
FREE_ON_THIS_MACHINE = {"predict", "upload", "api"}  # guessing passwords is no better from here

_asked_again_at = 0.0  # on the monotonic clock


class Limit(BaseThrottle):
    """REST framework's way to it: a view's `rates` says which limit a method counts against, else `api`."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        check(getattr(view, "rates", {}).get(request.method, "api"), request._request, request.user)
        return True


def check(rate: str, request: HttpRequest, user: AbstractBaseUser | AnonymousUser | None) -> None:
    """Counts one request. Raises Throttled where this user (or, without one, this address) had enough this minute."""
    limit = settings.RATES[rate]
    if not limit or (rate in FREE_ON_THIS_MACHINE and addresses.is_loopback(request)):
        return
    whose = f"user:{user.pk}" if user is not None and user.is_authenticated else addresses.client_of(request)
    now = time.time()
    if count(f"rate:{rate}:{whose}:{int(now // WINDOW_SECONDS)}") > limit:
        seconds_left = WINDOW_SECONDS - now % WINDOW_SECONDS
        raise errors.Throttled().with_header("Retry-After", str(max(1, round(seconds_left))))


def count(key: str) -> int:
    """How often this was called with this key; 0 where the cache does not answer, since a limit is worth less than an
    installation that works."""
    global _asked_again_at
    if time.monotonic() < _asked_again_at:
        return 0
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        return cache.incr(key)
    except (RedisError, ValueError) as error:  # ValueError: it was evicted between the two
        _asked_again_at = time.monotonic() + PAUSE_SECONDS
        logger.warning("Requests are not counted for %s s, the cache does not answer: %s", PAUSE_SECONDS, error)
        return 0
