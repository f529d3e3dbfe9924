"""One image in one batch: the row that is claimed, and that holds its result."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from batches.models.batches import Batch
from batches.models.images import Image
from batches.models.words import Lane, Lean, State, Strength, Verdict


class OwnerOfBatch(models.ForeignKey):  # type: ignore[type-arg]  # not generic when it runs
    """Takes its value from the row's batch when the row is added, so nobody can forget it or get it wrong."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add:
            setattr(model_instance, self.attname, model_instance.batch.owner_id)  # type: ignore[attr-defined]
        return super().pre_save(model_instance, add)


class Analysis(models.Model):
    """One image in one batch: its state, score, verdict and evidence. One row, so a second result cannot exist."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by the index of (batch, ordinal).
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="analyses", db_index=False)
    # The batch's, here for the indexes: among a million rows an owner's in order cost what a batch's do.
    owner = OwnerOfBatch(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="analyses")
    ordinal = models.PositiveIntegerField()  # place in its batch, from 0
    filename = models.CharField(max_length=255)  # as the sender called it; shown, never used as a path
    lane = models.CharField(max_length=12, choices=Lane)  # the batch's, here for the claim's index
    rank = models.PositiveBigIntegerField(default=0)  # its turn in the lane: see order
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)

    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    fake_probability = models.FloatField(null=True, blank=True)  # calibrated, 0 to 1
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    reasons = models.JSONField(default=list, blank=True)  # codes of the rules that withheld or weakened the verdict
    # How strongly the score supports a side; empty where the model measured no scale, and where nothing is assessed.
    strength = models.CharField(max_length=20, choices=Strength, blank=True)
    # {"value", "low", "high"}: how much more often such a score is seen among synthetic faces than among photographs.
    likelihood_ratio = models.JSONField(null=True, blank=True)
    lean = models.CharField(max_length=12, choices=Lean, blank=True)  # of an inconclusive verdict alone
    # Share of its re-encodings with the same answer; null where the score was far from uncertain.
    stability = models.FloatField(null=True, blank=True)
    faces = models.JSONField(default=list, blank=True)  # boxes in the upright image with scores, the largest first
    quality = models.JSONField(null=True, blank=True)
    # Of a file with several: count, how many were examined, the place of the one that decided. Null of a single image.
    frames = models.JSONField(null=True, blank=True)
    map = models.JSONField(null=True, blank=True)  # rows of signed cells; positive pushed towards fake
    model_version = models.CharField(max_length=64, blank=True)
    engine = models.CharField(max_length=32, blank=True)
    decode_ms = models.FloatField(null=True, blank=True)
    forward_ms = models.FloatField(null=True, blank=True)  # this image's share of its batch's forward pass
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # The analysis of the same image that this one repeats with another model. Few have one: indexed below.
    origin = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeats", db_index=False
    )

    class Meta:
        verbose_name_plural = "analyses"
        indexes = (
            models.Index(
                fields=["lane", "rank", "id"], name="analysis_claim", condition=Q(state="waiting", attempts=0)
            ),
            models.Index(
                fields=["lane", "rank", "id"], name="analysis_retry", condition=Q(state="waiting", attempts__gt=0)
            ),
            models.Index(fields=["lease_until"], name="analysis_lease", condition=Q(state="running")),
            models.Index(
                fields=["lane", "-finished_at"], name="analysis_ended", condition=Q(finished_at__isnull=False)
            ),
            models.Index(fields=["batch", "fake_probability", "id"], name="analysis_by_score"),
            models.Index(fields=["batch", "verdict", "ordinal"], name="analysis_by_verdict"),
            models.Index(fields=["owner", "ordinal", "id"], name="analysis_of_owner"),
            models.Index(fields=["owner", "fake_probability", "id"], name="analysis_of_owner_by_score"),
            models.Index(fields=["-created_at", "id"], name="analysis_recent"),  # these two: the admin's lists
            models.Index(
                fields=["model_version", "-created_at", "id"],
                name="analysis_by_model",
                condition=Q(model_version__gt=""),
            ),
            models.Index(fields=["origin"], name="analysis_repeats", condition=Q(origin__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(fields=["batch", "ordinal"], name="analysis_ordinal_once"),
            models.CheckConstraint(
                name="analysis_lease_while_running",
                condition=Q(state="running", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_token__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="analysis_verdict_when_done",
                condition=(Q(state="done") & ~Q(verdict="") & ~Q(model_version=""))
                | (~Q(state="done") & Q(verdict="")),
            ),
            models.CheckConstraint(
                name="analysis_score_is_a_probability",
                condition=Q(fake_probability__isnull=True) | Q(fake_probability__gte=0, fake_probability__lte=1),
            ),
            models.CheckConstraint(
                name="analysis_stability_is_a_share",
                condition=Q(stability__isnull=True) | Q(stability__gte=0, stability__lte=1),
            ),
            models.CheckConstraint(
                name="analysis_strength_when_assessed",
                condition=Q(strength="", likelihood_ratio__isnull=True)
                | (~Q(strength="") & Q(verdict__in=("fake", "real", "inconclusive"))),
            ),
            models.CheckConstraint(
                name="analysis_lean_when_inconclusive", condition=Q(lean="") | Q(verdict="inconclusive")
            ),
            models.CheckConstraint(
                name="analysis_failure_has_a_code",
                condition=Q(error_code="", state__in=("waiting", "paused", "running", "done", "cancelled"))
                | (Q(state__in=("failed", "quarantined")) & ~Q(error_code="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"
