"""batches.quotas: a user or all together can have only so much waiting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from batches import intake, lifecycle, quotas, store
from batches.errors import BacklogFull, OverQuota, QuotaExceeded
from batches.lifecycle import Choice
from batches.models import Analysis, Batch
from batches.submissions import Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def waiting(owner: User, waiting: int = 0, running: int = 0, done: int = 0, byte_size: int = 0) -> Batch:
    return Batch.objects.create(
        owner=owner,
        name="b",
        lane="default",
        waiting=waiting,
        running=running,
        done=done,
        fake=done,
        total=waiting + running + done,
        byte_size=byte_size,
    )


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two requests both are past the first look when either may write."""
    both_are_here, keep = Barrier(2, timeout=60), store.keep

    def keep_together(received: list[store.Received]) -> None:
        both_are_here.wait()
        keep(received)

    monkeypatch.setattr(store, "keep", keep_together)


@pytest.fixture
def both_have_written(two_at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two requests neither has committed when the other writes its rows; SQLite lets one write at a time."""
    both_are_here, missing = Barrier(2, timeout=60), store.missing

    def find_missing_together(sha256s: list[str]) -> list[str]:
        if connection.vendor == "postgresql":
            both_are_here.wait()
        return missing(sha256s)

    monkeypatch.setattr(store, "missing", find_missing_together)


def test_images_that_wait_or_run_count_and_those_done_do_not(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = 10
    waiting(ada, waiting=4, running=3, done=1000)
    waiting(ada, done=1000)

    quotas.check(ada, images=3)
    with pytest.raises(QuotaExceeded):
        quotas.check(ada, images=4)


@pytest.mark.parametrize("limit", [{"MAX_WAITING_IMAGES": 3}, {"MAX_WAITING_BYTES": 100}])
def test_what_is_too_much_by_itself_is_not_told_to_wait(ada: User, settings: Settings, limit: dict[str, int]) -> None:
    for name, value in limit.items():
        setattr(settings, name, value)

    quotas.check(ada, images=3, byte_size=100)
    with pytest.raises(OverQuota):
        quotas.check(ada, images=4, byte_size=101)


@pytest.mark.parametrize("limit", [{"MAX_WAITING_IMAGES": 3}, {"MAX_WAITING_BYTES": 100}])
def test_pausing_makes_no_room_for_more(ada: User, settings: Settings, limit: dict[str, int]) -> None:
    for name, value in limit.items():
        setattr(settings, name, value)
    batch = waiting(ada, waiting=3, byte_size=100)
    Batch.objects.filter(id=batch.id).update(waiting=0, paused=3, paused_at=Now())

    with pytest.raises(QuotaExceeded):
        quotas.check(ada, images=1, byte_size=1)


def test_the_bytes_of_a_batch_count_until_its_last_image_is_done(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_BYTES = 1000
    waiting(ada, waiting=1, done=9, byte_size=600)
    waiting(ada, done=5, byte_size=5000)

    quotas.check(ada, byte_size=400)
    with pytest.raises(QuotaExceeded):
        quotas.check(ada, byte_size=401)


def test_one_user_does_not_use_up_what_another_may(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = 10
    waiting(ada, waiting=10)

    quotas.check(User.objects.create_user("bob"), images=10)


def test_all_together_have_a_limit_too(ada: User, settings: Settings) -> None:
    settings.MAX_BACKLOG_IMAGES = 10
    waiting(User.objects.create_user("bob"), waiting=9)

    quotas.check(ada, images=1)
    with pytest.raises(BacklogFull):
        quotas.check(ada, images=2)


def test_zero_lifts_a_limit(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = settings.MAX_WAITING_BYTES = settings.MAX_BACKLOG_IMAGES = 0

    quotas.check(ada, images=10**9, byte_size=10**15)


def test_an_upload_over_the_limit_leaves_no_row_and_no_file(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = 1
    received = [store.receive([b"image %d" % number], filename="a.jpg", max_bytes=100) for number in range(2)]

    with pytest.raises(OverQuota):
        intake.accept(owner=ada, uploads=[intake.Upload(one, "JPEG", 8, 8) for one in received])

    assert not Batch.objects.exists()
    assert not any(one.path.exists() or store.path_of(one.sha256).exists() for one in received)


def test_a_batch_knows_its_bytes(ada: User) -> None:
    def send(content: bytes, batch: Batch | None = None) -> Batch:
        received = store.receive([content], filename="a.jpg", max_bytes=100)
        uploads = [intake.Upload(received, "JPEG", 8, 8)]
        return intake.accept(owner=ada, uploads=uploads, batch_id=batch.id if batch else None).batch

    batch = send(b"12345")
    send(b"1234567", batch)

    assert Batch.objects.get().byte_size == 12


def test_a_repeat_counts_like_an_upload(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = 1
    received = [store.receive([b"image %d" % number], filename="a.jpg", max_bytes=100) for number in range(1)]
    batch = intake.accept(owner=ada, uploads=[intake.Upload(one, "JPEG", 8, 8) for one in received]).batch
    Analysis.objects.update(state="done", verdict="fake", model_version="m1", fake_probability=0.9)

    with pytest.raises(QuotaExceeded):
        lifecycle.repeat(batch, model_version="m2", choice=Choice())


@pytest.mark.django_db(transaction=True)
def test_requests_of_the_same_moment_do_not_pass_the_limit_together(settings: Settings, two_at_once: None) -> None:
    settings.MAX_WAITING_IMAGES = 3
    ada = User.objects.create_user("ada")

    def send(number: int) -> str:
        try:
            received = [store.receive([b"image %d-%d" % (number, n)], filename="a.jpg", max_bytes=100) for n in (0, 1)]
            intake.accept(owner=ada, uploads=[intake.Upload(one, "JPEG", 8, 8) for one in received])
        except QuotaExceeded as error:
            return error.code
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, range(2)))

    assert answers == ["accepted", QuotaExceeded.code]
    assert Analysis.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_requests_of_several_users_do_not_pass_the_limit_of_all_together(
    settings: Settings, both_have_written: None
) -> None:
    settings.MAX_BACKLOG_IMAGES = 3
    owners = [User.objects.create_user(name) for name in ("ada", "bob")]

    def send(owner: User) -> str:
        try:
            received = [store.receive([f"{owner} {n}".encode()], filename="a.jpg", max_bytes=100) for n in (0, 1)]
            intake.accept(owner=owner, uploads=[intake.Upload(one, "JPEG", 8, 8) for one in received])
        except BacklogFull as error:
            return error.code
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, owners))

    assert answers == ["accepted", BacklogFull.code]
    assert Analysis.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_comes_twice_at_once_has_one_answer_though_it_fills_the_quota(
    settings: Settings, two_at_once: None
) -> None:
    settings.MAX_WAITING_IMAGES = 1
    ada = User.objects.create_user("ada")

    def send(_: int) -> Batch:
        try:
            received = store.receive([b"the same"], filename="a.jpg", max_bytes=100)
            sent = Sent("key", "0" * 64)
            return intake.accept(owner=ada, uploads=[intake.Upload(received, "JPEG", 8, 8)], sent=sent).batch
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))

    assert answers[0].id == answers[1].id
    assert Analysis.objects.count() == 1
