"""accounts.logins: the door locks for one name at one address, for the API and the admin alike."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import logins
from accounts.errors import TooManyAttempts, WrongCredentials
from accounts.models import LoginFailure

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def ada() -> User:
    return User.objects.create_user("ada", password=PASSWORD)


def attempt(password: str, username: str = "ada", address: str = "192.0.2.1") -> User:
    return logins.check(RequestFactory().post("/", REMOTE_ADDR=address), username=username, password=password)


def fail(times: int, username: str = "ada", address: str = "192.0.2.1") -> None:
    for _ in range(times):
        with pytest.raises((WrongCredentials, TooManyAttempts)):
            attempt("wrong", username, address)


def test_the_right_password_after_four_wrong_ones_opens_and_forgets_them(ada: User) -> None:
    fail(4)

    assert attempt(PASSWORD) == ada
    assert not LoginFailure.objects.exists()


def test_five_wrong_ones_lock_this_name_at_this_address_only(ada: User) -> None:
    fail(5)

    with pytest.raises(TooManyAttempts) as locked:
        attempt(PASSWORD)
    assert 0 < locked.value.retry_after_seconds <= 15 * 60
    assert attempt(PASSWORD, address="192.0.2.2") == ada


def test_unknown_names_lock_too_so_nobody_learns_which_exist() -> None:
    fail(5, username="nobody")

    with pytest.raises(TooManyAttempts):
        attempt("wrong", username="nobody")


def test_knocking_at_a_locked_door_does_not_lock_it_longer(ada: User) -> None:
    fail(8)
    assert LoginFailure.objects.count() == 5

    LoginFailure.objects.update(failed_at=timezone.now() - timedelta(minutes=16))

    assert attempt(PASSWORD) == ada


def test_the_admins_login_page_is_behind_the_same_door(ada: User) -> None:
    User.objects.update(is_staff=True)
    fail(5, address="127.0.0.1")

    answer = Client().post("/admin/login/", {"username": "ada", "password": PASSWORD})

    assert answer.status_code == 200  # the form again
    assert not answer.wsgi_request.user.is_authenticated


def test_failures_of_long_ago_are_forgotten_though_nobody_ever_succeeds(ada: User) -> None:
    fail(3, username="nobody", address="192.0.2.9")
    LoginFailure.objects.update(failed_at=timezone.now() - timedelta(minutes=16))

    fail(1)

    assert list(LoginFailure.objects.values_list("username", flat=True)) == ["ada"]
