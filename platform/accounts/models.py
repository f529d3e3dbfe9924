"""API tokens, of which only a hash is kept, and the wrong passwords of the last minutes."""

import uuid

from django.conf import settings
from django.db import models


class Scope(models.TextChoices):
    """What a token may be for; a session may do all that its user may."""

    PREDICT = "predict", "ask /predict about one image"
    UPLOAD = "upload", "send images and change batches"
    READ = "read", "read results"
    MODELS = "models", "change which model judges (staff alone)"


class ApiToken(models.Model):
    """A key for programs. The secret is shown once; the table holds its SHA-256, so a stolen copy opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=8, unique=True)  # finds the row; shown in lists, no secret
    secret_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # coarse: moved at most once a minute
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list)  # of Scope, sorted as there

    class Meta:
        verbose_name = "API token"
        indexes = (models.Index(fields=["owner", "-created_at"], name="token_by_owner"),)

    def __str__(self) -> str:
        return f"{self.name} (assay_{self.prefix}_…)"


class LoginFailure(models.Model):
    """One wrong password; a row rather than a cache entry, because several web processes share no cache."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)  # as the server names the peer; not always an IP address
    failed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["username", "address", "failed_at"], name="login_failure_recent"),)

    def __str__(self) -> str:
        return f"{self.username} from {self.address}"
