"""`manage.py token USER --name NAME`: issues an API token and prints it, once."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, Scope
from batches import names

LONGEST_NAME = ApiToken._meta.get_field("name").max_length or 0


class Command(BaseCommand):
    help = "Issue an API token for a user; it is printed once and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", required=True, type=_name, help="what the token is for")
        parser.add_argument("--scopes", nargs="+", choices=Scope.values, default=list(tokens.EVERYDAY))
        parser.add_argument("--days", type=_days, help="it opens nothing after so many days")

    def handle(self, *, user: str, name: str, scopes: list[str], days: int | None, **_: Any) -> None:
        owner = get_user_model().objects.filter(username=user, is_active=True).first()
        if owner is None:
            print(f"There is no active user {user!r}; `manage.py createsuperuser` makes one.", file=sys.stderr)
            sys.exit(1)
        end = None if days is None else timezone.now() + timedelta(days=days)
        self.stdout.write(tokens.issue(owner, name, scopes, end).text)


def _name(given: str) -> str:
    visible = names.clean_text(given)
    if not 0 < len(visible) <= LONGEST_NAME:
        raise ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} visible characters")
    return visible


def _days(given: str) -> int:
    if not (given.isdecimal() and 0 < int(given) <= settings.LONGEST_DAYS):
        raise ArgumentTypeError(f"a whole number from 1 to {settings.LONGEST_DAYS}, but it is {given!r}")
    return int(given)
