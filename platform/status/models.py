"""A row for each worker process, which it writes itself every few seconds."""

from django.db import models


class WorkerBeat(models.Model):
    """What a worker said of itself last. Times are the database's, as hosts differ."""

    name = models.CharField(max_length=255, primary_key=True)  # as Celery knows it: w1@host
    boot_id = models.UUIDField()  # another one after each start
    pid = models.PositiveIntegerField()
    host = models.CharField(max_length=255)
    model_version = models.CharField(max_length=64, blank=True)  # the active one, as this worker holds it open
    engine = models.CharField(max_length=32, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # it said good-bye
    last_progress = models.DateTimeField(null=True, blank=True)  # when a permit was last used up
    busy_since = models.DateTimeField(null=True, blank=True)  # null while it waits for a permit
    images = models.PositiveBigIntegerField(default=0)  # analyses ended since the start
    rss = models.PositiveBigIntegerField(default=0)  # resident memory, bytes
    measured = models.TextField(blank=True)  # its counters and histograms in Prometheus' text format

    class Meta:
        verbose_name = "worker"
        indexes = (models.Index(fields=["seen_at"], name="worker_beat_seen"),)

    def __str__(self) -> str:
        return self.name
