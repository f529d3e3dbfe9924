"""The words that rows are sorted by: lanes, states, verdicts."""

from django.db import models


class Lane(models.TextChoices):
    INTERACTIVE = "interactive"
    DEFAULT = "default"
    BULK = "bulk"


class State(models.TextChoices):
    WAITING = "waiting"
    PAUSED = "paused"  # would be waiting, but its batch is paused
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the file itself cannot be analysed; error_code says why
    QUARANTINED = "quarantined"  # the worker died on it MAX_ATTEMPTS times
    CANCELLED = "cancelled"


class Verdict(models.TextChoices):
    FAKE = "fake"
    REAL = "real"
    INCONCLUSIVE = "inconclusive"
    NOT_ASSESSED = "not_assessed"
