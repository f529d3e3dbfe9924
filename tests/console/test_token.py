"""`manage.py token`: a token for a program, printed once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import tokens

pytestmark = pytest.mark.django_db


def issue(*options: str) -> str:
    printed = StringIO()
    call_command("token", "ada", "--name", "script", *options, stdout=printed)
    return printed.getvalue().strip()


@pytest.fixture(autouse=True)
def ada() -> User:
    return User.objects.create_user("ada")


def test_it_is_for_everyday_work_and_has_no_end_unless_asked() -> None:
    token = tokens.find(issue())

    assert token is not None
    assert (token.scopes, token.expires_at) == (["predict", "upload", "read"], None)


def test_it_is_narrowed_and_ends_as_asked() -> None:
    token = tokens.find(issue("--scopes", "read", "predict", "--days", "7"))

    assert token is not None
    assert token.scopes == ["predict", "read"]
    assert token.expires_at is not None
    assert timedelta(days=6) < token.expires_at - timezone.now() <= timedelta(days=7)


def test_a_scope_that_there_is_not_is_named() -> None:
    with pytest.raises(CommandError, match="everything"):
        issue("--scopes", "everything")


def test_a_user_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.all().delete()

    with pytest.raises(SystemExit):
        issue()
    assert "no active user 'ada'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--days", "0"),
        ("--days", "-3"),
        ("--days", "99999999999"),
        ("--days", "soon"),
        ("--name", ""),
        ("--name", "\u202e"),
        ("--name", "x" * 101),
    ],
)
def test_what_makes_no_token_is_named(ada: User, option: str, value: str) -> None:
    with pytest.raises(CommandError, match=option):
        issue(f"{option}={value}")
    assert tokens.open_tokens(ada) == []
