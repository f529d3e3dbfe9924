"""A user reads their own batches, and how fast they go."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from batches import selectors
from batches.errors import BatchNotFound
from batches.models import Batch
from tests.batches.conftest import Send


def test_a_user_sees_their_own_batches_only(send: Send, owner: User) -> None:
    first, second = send(1), send(2)
    stranger = User.objects.create_user("eve", is_staff=True)

    assert list(selectors.batches_of(owner)) == [second, first]
    assert selectors.batch_of(owner, first.id) == first
    assert selectors.analyses_of(owner).count() == 3
    for user in (stranger, AnonymousUser()):
        assert not selectors.batches_of(user).exists()
        assert not selectors.analyses_of(user).exists()
        with pytest.raises(BatchNotFound):
            selectors.batch_of(user, first.id)


def test_a_running_batch_tells_its_rate_and_what_is_left() -> None:
    started = timezone.now() - timedelta(seconds=10)
    batch = Batch(total=300, done=90, failed=10, waiting=136, running=64, started_at=started)

    rate = selectors.rate_of(batch)

    assert rate.images_per_second == pytest.approx(10, rel=0.05)
    assert rate.seconds_left == pytest.approx(20, rel=0.05)


def test_a_finished_batch_keeps_its_rate_and_an_unstarted_one_has_none() -> None:
    now = timezone.now()
    finished = Batch(total=100, done=100, started_at=now - timedelta(seconds=50), finished_at=now)

    assert selectors.rate_of(finished) == selectors.Rate(2.0, 0.0)
    assert selectors.rate_of(Batch(total=5, waiting=5)) == selectors.Rate(None, None)
