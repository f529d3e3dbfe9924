"""Checks a password and locks the door for a while after too many wrong ones, for the API and the admin alike."""

from datetime import timedelta
from typing import Any

from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import addresses
from accounts.errors import TooManyAttempts, WrongCredentials
from accounts.models import LoginFailure

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
USERNAME_LENGTH = 150


def check(request: HttpRequest, username: str, password: str) -> User:
    """The user with these credentials; raises WrongCredentials or TooManyAttempts."""
    user = auth.authenticate(request, username=username, password=password)
    if isinstance(user, User):
        return user
    address = addresses.client_of(request)
    if is_locked(username, address):
        raise TooManyAttempts(seconds_locked(username, address))
    raise WrongCredentials


class LimitedBackend(ModelBackend):
    """Django's own check behind the limit; as a backend it also guards the admin's login page."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        address = addresses.client_of(request)
        if is_locked(username, address):
            raise PermissionDenied
        # Counted before the slow hash, so guesses sent at the same moment cannot all slip through.
        attempt = LoginFailure.objects.create(username=username[:USERNAME_LENGTH], address=address)
        LoginFailure.objects.filter(failed_at__lt=attempt.failed_at - WINDOW).delete()
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            recent(username, address).delete()
        return user


def is_locked(username: str, address: str) -> bool:
    return recent(username, address).count() >= MAX_FAILURES


def seconds_locked(username: str, address: str) -> int:
    oldest = recent(username, address).order_by("-failed_at")[:MAX_FAILURES]
    until = min((failure.failed_at for failure in oldest), default=timezone.now()) + WINDOW
    return max(1, round((until - timezone.now()).total_seconds()))


def recent(username: str, address: str) -> QuerySet[LoginFailure]:
    since = timezone.now() - WINDOW
    return LoginFailure.objects.filter(username=username[:USERNAME_LENGTH], address=address, failed_at__gt=since)
