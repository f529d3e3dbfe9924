"""What was sent in one go, with kept counters and the constraints that make them add up."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from batches.models.words import Lane, State


class Batch(models.Model):
    """What somebody sent in one go. The counters are kept, not counted, so a status read costs the same for
    10 and for 50,000 images; each moves in the transaction that moves the rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches")
    name = models.CharField(max_length=200)
    lane = models.CharField(max_length=12, choices=Lane)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)  # first claim, moved on by every pause: see counters
    finished_at = models.DateTimeField(null=True, blank=True)  # last result; null again when images are added

    # Either keeps every analysis of the batch from waiting: see lifecycle.
    paused_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    last_rank = models.PositiveBigIntegerField(default=0)  # the highest among its analyses: see order

    byte_size = models.PositiveBigIntegerField(default=0)  # of all that was sent, the same bytes twice counted twice
    total = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    paused = models.PositiveIntegerField(default=0)
    running = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)

    fake = models.PositiveIntegerField(default=0)
    real = models.PositiveIntegerField(default=0)
    inconclusive = models.PositiveIntegerField(default=0)
    not_assessed = models.PositiveIntegerField(default=0)

    model_version = models.CharField(max_length=64, blank=True)  # asked for; empty: whichever is active at the time
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeats")

    class Meta:
        verbose_name_plural = "batches"
        indexes = (
            models.Index(fields=["owner", "-created_at", "id"], name="batch_by_owner"),
            models.Index(fields=["lane"], include=["waiting"], name="batch_waiting", condition=Q(waiting__gt=0)),
        )
        constraints = (
            models.CheckConstraint(
                name="batch_states_add_up",
                condition=Q(
                    total=F("waiting")
                    + F("paused")
                    + F("running")
                    + F("done")
                    + F("failed")
                    + F("quarantined")
                    + F("cancelled")
                ),
            ),
            models.CheckConstraint(
                name="batch_is_paused_or_cancelled", condition=Q(paused_at__isnull=True) | Q(cancelled_at__isnull=True)
            ),
            models.CheckConstraint(name="batch_paused_says_when", condition=Q(paused=0) | Q(paused_at__isnull=False)),
            models.CheckConstraint(
                name="batch_verdicts_add_up",
                condition=Q(done=F("fake") + F("real") + F("inconclusive") + F("not_assessed")),
            ),
            models.CheckConstraint(
                name="batch_repeat_names_its_version", condition=Q(origin__isnull=True) | ~Q(model_version="")
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rest(self) -> State:
        """The state of an analysis of this batch that nobody works on. Holds while the batch is locked."""
        if self.cancelled_at:
            return State.CANCELLED
        return State.PAUSED if self.paused_at else State.WAITING

    @property
    def open(self) -> int:
        """Analyses that have not ended."""
        return self.waiting + self.paused + self.running
