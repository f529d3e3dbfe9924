"""The words that rows are sorted by: lanes, states, verdicts, strengths."""

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


class Strength(models.TextChoices):
    """Support by the likelihood ratio of the score, as the detector names it."""

    STRONG_SYNTHETIC = "strong_synthetic", "strong support for synthetic"
    MODERATE_SYNTHETIC = "moderate_synthetic", "moderate support for synthetic"
    WEAK_SYNTHETIC = "weak_synthetic", "weak support for synthetic"
    INCONCLUSIVE = "inconclusive", "inconclusive"
    WEAK_CAMERA = "weak_camera", "weak support for camera"
    MODERATE_CAMERA = "moderate_camera", "moderate support for camera"
    STRONG_CAMERA = "strong_camera", "strong support for camera"


class Lean(models.TextChoices):
    """The side of an inconclusive verdict."""

    SYNTHETIC = "synthetic"
    CAMERA = "camera"
