"""accounts.tokens: what is kept, what is found, what is not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> tokens.Issued:
    return tokens.issue(User.objects.create_user("ada"), "script")


def test_the_table_holds_no_secret(issued: tokens.Issued) -> None:
    secret = issued.text.removeprefix(f"assay_{issued.token.prefix}_")

    assert len(secret) == 43
    assert secret not in str(ApiToken.objects.values())


def test_the_text_finds_its_token(issued: tokens.Issued) -> None:
    assert tokens.find(issued.text) == issued.token


@pytest.mark.parametrize("wrong", ["", "assay_", "assay_00000000_" + "x" * 43, "Bearer x", "\0", "é" * 60])
def test_other_texts_find_nothing(issued: tokens.Issued, wrong: str) -> None:
    assert tokens.find(wrong) is None


def test_one_wrong_letter_finds_nothing(issued: tokens.Issued) -> None:
    last = "A" if issued.text[-1] != "A" else "B"

    assert tokens.find(issued.text[:-1] + last) is None


def test_a_revoked_token_is_not_found_but_stays_on_record(issued: tokens.Issued) -> None:
    assert tokens.revoke([issued.token]) == 1
    assert tokens.revoke([issued.token]) == 0

    assert tokens.find(issued.text) is None
    assert ApiToken.objects.get().revoked_at is not None


def test_the_token_of_somebody_who_left_is_not_found(issued: tokens.Issued) -> None:
    User.objects.update(is_active=False)

    assert tokens.find(issued.text) is None


def test_a_token_that_is_over_is_not_found(issued: tokens.Issued) -> None:
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert tokens.find(issued.text) == issued.token

    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tokens.find(issued.text) is None


def test_the_last_use_is_noted_once_a_minute(issued: tokens.Issued) -> None:
    tokens.find(issued.text)
    first = ApiToken.objects.get().last_used_at
    tokens.find(issued.text)
    assert ApiToken.objects.get().last_used_at == first

    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    tokens.find(issued.text)

    assert ApiToken.objects.filter(last_used_at__gt=timezone.now() - timedelta(seconds=30)).exists()
