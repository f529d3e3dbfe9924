"""Model versions, who made each of them judge and when, and the scores of those that only look on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from batches.models import Analysis, Verdict


class State(models.TextChoices):
    AVAILABLE = "available"
    ACTIVE = "active"  # judges
    SHADOW = "shadow"  # judges too, but nobody is shown what it says


class Kind(models.TextChoices):
    SHIPPED = "shipped"  # came with the program; nobody asked for it
    CHOSEN = "chosen"
    ROLLBACK = "rollback"


class ModelVersion(models.Model):
    """A bundle whose files lie in the models folder under its version."""

    version = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    recipe = models.CharField(max_length=64)
    card = models.JSONField()  # as detector.bundle reads it
    files = models.JSONField()  # file name -> SHA-256
    state = models.CharField(max_length=12, choices=State, default=State.AVAILABLE)
    is_shipped = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)  # why a process that should use it cannot
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: the program itself or its command line

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["state"], name="model_one_active", condition=Q(state="active")),
            models.UniqueConstraint(fields=["state"], name="model_one_shadow", condition=Q(state="shadow")),
        )

    def __str__(self) -> str:
        return self.version

    @property
    def metrics(self) -> dict[str, Any]:
        """Test figures by engine, as on the card."""
        metrics: dict[str, Any] = self.card["metrics"]
        return metrics


class Activation(models.Model):
    """One change of the version that judges; rows are only ever added."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="activations")
    previous = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.version} ({self.kind})"


class ShadowScore(models.Model):
    """What a shadow made of an analysis that the active version judged."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="shadow_scores", db_index=False)
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="shadow_scores", db_index=False
    )
    fake_probability = models.FloatField()  # calibrated, 0 to 1
    verdict = models.CharField(max_length=12, choices=Verdict)
    engine = models.CharField(max_length=32)

    class Meta:
        indexes = (models.Index(fields=["model_version", "-id"], name="shadow_recent"),)
        constraints = (
            models.UniqueConstraint(fields=["analysis", "model_version"], name="shadow_scores_once"),
            models.CheckConstraint(
                name="shadow_score_is_a_probability", condition=Q(fake_probability__gte=0, fake_probability__lte=1)
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} ({self.fake_probability:.2f})"
