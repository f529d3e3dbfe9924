"""Issues, finds and revokes API tokens: `assay_<8 id>_<43 secret>`."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, Scope

FORM = re.compile(r"assay_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
EVERYDAY = (Scope.PREDICT, Scope.UPLOAD, Scope.READ)  # what a token may do when nobody says otherwise
LAST_USED_STEP = timedelta(seconds=60)  # a write a minute, not one a request


@dataclass(frozen=True)
class Issued:
    """A new token with its text, which exists nowhere else."""

    token: ApiToken
    text: str


def issue(
    owner: AbstractBaseUser, name: str, scopes: Iterable[str] = EVERYDAY, expires_at: datetime | None = None
) -> Issued:
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    wanted = set(scopes)
    token = ApiToken.objects.create(
        owner_id=owner.pk,
        name=name,
        prefix=prefix,
        secret_sha256=hash_of(secret),
        scopes=[scope.value for scope in Scope if scope in wanted],
        expires_at=expires_at,
    )
    return Issued(token, f"assay_{prefix}_{secret}")


def find(text: str) -> ApiToken | None:
    """The token with this text, unless it is revoked or over or its owner may no longer come in."""
    if not (match := FORM.fullmatch(text)):
        return None
    prefix, secret = match.groups()
    token = ApiToken.objects.select_related("owner").filter(prefix=prefix, revoked_at=None).first()
    if token is None or not secrets.compare_digest(token.secret_sha256, hash_of(secret)) or not token.owner.is_active:
        return None
    if token.expires_at is not None and token.expires_at <= timezone.now():
        return None
    note_use(token)
    return token


def revoke(tokens: Iterable[ApiToken]) -> int:
    """Ends the tokens for good; how many were still open. The rows stay, so the record of who had access stays."""
    keys = [token.pk for token in tokens]
    return ApiToken.objects.filter(pk__in=keys, revoked_at=None).update(revoked_at=timezone.now())


def open_tokens(owner: AbstractBaseUser) -> list[ApiToken]:
    return list(ApiToken.objects.filter(owner_id=owner.pk, revoked_at=None).order_by("-created_at"))


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_STEP)
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_STEP:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def hash_of(secret: str) -> str:
    """SHA-256 without salt or stretching: the secret has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
