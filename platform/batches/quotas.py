"""How much one user, and all together, may have waiting; looked at before an upload is read, again with its size, and
twice where its rows are written: a user's own before them, everybody's after them."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.db.models import F, Q, Sum

from batches.errors import BacklogFull, OverQuota, QuotaExceeded
from batches.models import Batch

RETRY_SECONDS = 60
BACKLOG_LOCK = int.from_bytes(b"backlog")  # the key of PostgreSQL's advisory lock: no other use of the database has it
OPEN = Q(waiting__gt=0) | Q(paused__gt=0) | Q(running__gt=0)


def check(owner: AbstractBaseUser, *, images: int = 1, byte_size: int = 0) -> None:
    """Raises OverQuota, QuotaExceeded or BacklogFull where so many more were too many.

    The batches' kept counters are read, never rows of images, so it costs the same whatever waits. A batch's bytes
    count in whole until its last image is done. Requests at the same moment do not see each other here: see `reserve`
    and `confirm`.
    """
    _check_own(owner, images, byte_size)
    _check_backlog(images)


def reserve(owner: AbstractBaseUser, *, images: int, byte_size: int = 0) -> None:
    """Checks again in the transaction that writes so many rows, which holds the owner's row until it ends: of requests
    at the same moment each sees what the one before wrote. Raises OverQuota, QuotaExceeded.

    After the batch's lock, never before it. What all together have is for `confirm` to look at.
    """
    # On SQLite the transaction holds the only write lock from its start.
    get_user_model().objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
    _check_own(owner, images, byte_size)


def confirm() -> None:
    """Checks what all together have waiting in the transaction that wrote rows, as its last step. Raises BacklogFull.

    Everybody's uploads pass here one by one, since each must see what the one before wrote. So the lock is asked for
    when everything else is done, and held for one sum over the open batches and the commit.
    """
    if connection.vendor == "postgresql":  # on SQLite as in `reserve`
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BACKLOG_LOCK])
    _check_backlog(images=0)


def _check_own(owner: AbstractBaseUser, images: int, byte_size: int) -> None:
    if _is_over(images, settings.MAX_WAITING_IMAGES) or _is_over(byte_size, settings.MAX_WAITING_BYTES):
        raise OverQuota  # no waiting helps
    # What is paused counts: else whoever pauses could send as much again, and resume it all.
    mine = Batch.objects.filter(OPEN, owner_id=owner.pk).aggregate(
        images=Sum(F("waiting") + F("paused") + F("running"), default=0), byte_size=Sum("byte_size", default=0)
    )
    if _is_over(mine["images"] + images, settings.MAX_WAITING_IMAGES) or _is_over(
        mine["byte_size"] + byte_size, settings.MAX_WAITING_BYTES
    ):
        raise QuotaExceeded


def _check_backlog(images: int) -> None:
    backlog = Batch.objects.filter(waiting__gt=0).aggregate(waiting=Sum("waiting", default=0))["waiting"]
    if _is_over(backlog + images, settings.MAX_BACKLOG_IMAGES):
        raise BacklogFull


def _is_over(amount: int, limit: int) -> bool:
    return 0 < limit < amount
