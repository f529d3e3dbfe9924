"""Files of results that workers write."""

import uuid

from django.db import models
from django.db.models import Q

from batches.models.batches import Batch
from batches.models.words import State, Verdict


class Format(models.TextChoices):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class Export(models.Model):
    """A file of a batch's results that a worker writes; leased like an analysis, so it survives who writes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=8, choices=Format)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)  # of these analyses alone; empty: of all
    analysis_state = models.CharField(max_length=12, choices=State, blank=True)

    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    rows = models.PositiveIntegerField(default=0)
    byte_size = models.PositiveBigIntegerField(default=0)
    file_name = models.CharField(max_length=100, blank=True)  # in the store
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["created_at"], name="export_open", condition=Q(state__in=("waiting", "running"))),
            models.Index(fields=["batch", "-created_at", "id"], name="export_by_batch"),
        )
        constraints = (
            models.CheckConstraint(
                name="export_has_a_state_of_four", condition=Q(state__in=("waiting", "running", "done", "failed"))
            ),
            models.CheckConstraint(
                name="export_lease_while_running",
                condition=Q(state="running", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_token__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="export_file_when_done",
                condition=(Q(state="done") & ~Q(file_name="")) | (~Q(state="done") & Q(file_name="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.format} of {self.batch_id} ({self.state})"
