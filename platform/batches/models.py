"""Images, the batches they came in, the analysis of each; what the code believes in stands here as constraints."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


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
    # Share of its re-encodings with the same answer; null where the score was far from uncertain.
    stability = models.FloatField(null=True, blank=True)
    faces = models.JSONField(default=list, blank=True)  # boxes in the upright image with scores, the largest first
    quality = models.JSONField(null=True, blank=True)
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
            models.Index(fields=["model_version", "-created_at", "id"], name="analysis_by_model"),
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
                name="analysis_failure_has_a_code",
                condition=Q(error_code="", state__in=("waiting", "paused", "running", "done", "cancelled"))
                | (Q(state__in=("failed", "quarantined")) & ~Q(error_code="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"


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
    file_name = models.CharField(max_length=100, blank=True)  # in the folder of exports
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
