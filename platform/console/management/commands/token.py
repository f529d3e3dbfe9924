"""`manage.py token USER --name NAME`: issues an API token and prints it, once."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import tokens
from accounts.models import Scope


class Command(BaseCommand):
    help = "Issue an API token for a user; it is printed once and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--scopes", nargs="+", choices=Scope.values, default=list(tokens.EVERYDAY))
        parser.add_argument("--days", type=int, help="it opens nothing after so many days")

    def handle(self, *, user: str, name: str, scopes: list[str], days: int | None, **_: Any) -> None:
        owner = get_user_model().objects.filter(username=user, is_active=True).first()
        if owner is None:
            print(f"There is no active user {user!r}; `manage.py createsuperuser` makes one.", file=sys.stderr)
            sys.exit(1)
        end = None if days is None else timezone.now() + timedelta(days=days)
        self.stdout.write(tokens.issue(owner, name, scopes, end).text)
