"""Stored bytes, once each however often they were sent."""

from django.db import models
from django.db.models import Q

LIKENESS = ("likeness_1", "likeness_2", "likeness_3", "likeness_4")


class Image(models.Model):
    """Stored bytes, addressed by their SHA-256; the same bytes are stored once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    # The perceptual hash in four parts of 16 bits, from the highest; null until a worker has seen the image. Of two
    # hashes that differ in three bits at most, one part at least is the same: each has its index.
    likeness_1 = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    likeness_2 = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    likeness_3 = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    likeness_4 = models.PositiveIntegerField(null=True, blank=True, db_index=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="image_likeness_is_64_bits",
                condition=Q(**{f"{part}__isnull": True for part in LIKENESS})
                | Q(**{f"{part}__isnull": False for part in LIKENESS}, **{f"{part}__lt": 2**16 for part in LIKENESS}),
            ),
        )

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.format} {self.width}x{self.height}"
