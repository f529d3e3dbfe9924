"""Uploads that came with a key of their sender's."""

from django.conf import settings
from django.db import models

from batches.models.batches import Batch


class Submission(models.Model):
    """An upload that its sender gave a key (`Idempotency-Key`): sent again, it has the same answer and adds nothing."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of what was sent
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    first_ordinal = models.PositiveIntegerField()
    images = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "key"], name="submission_key_once"),)

    def __str__(self) -> str:
        return self.key
