"""batches.quotas: a user or all together can have only so much waiting."""

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from batches import intake, lifecycle, quotas, store
from batches.errors import BacklogFull, QuotaExceeded
from batches.lifecycle import Choice
from batches.models import Analysis, Batch

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


def test_images_that_wait_or_run_count_and_those_done_do_not(ada: User, settings: Settings) -> None:
    settings.MAX_WAITING_IMAGES = 10
    waiting(ada, waiting=4, running=3, done=1000)
    waiting(ada, done=1000)

    quotas.check(ada, images=3)
    with pytest.raises(QuotaExceeded):
        quotas.check(ada, images=4)


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

    with pytest.raises(QuotaExceeded):
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
