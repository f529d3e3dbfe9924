"""Receipts of what was deleted."""

import uuid

from django.conf import settings
from django.db import models


class Deletion(models.Model):
    """The receipt of a deleted batch: it stays when everything else of the batch is gone, and names nobody's files."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch_id = models.UUIDField(unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deletions")
    deleted_by = models.ForeignKey(  # null: the retention rule
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deleted_at = models.DateTimeField(auto_now_add=True)
    batch_created_at = models.DateTimeField()
    analyses = models.PositiveIntegerField()
    files = models.PositiveIntegerField()  # stored images that no other analysis used, gone with the batch
    byte_size = models.PositiveBigIntegerField()  # of these files
    digest = models.CharField(max_length=64)  # see deletion.digest_of

    class Meta:
        indexes = (models.Index(fields=["owner", "-deleted_at", "id"], name="deletion_by_owner"),)

    def __str__(self) -> str:
        return f"{self.batch_id}, {self.analyses} analyses"
