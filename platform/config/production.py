"""What an installation for others must have set: with ASSAY_PRODUCTION=1 it starts only if nothing is left open."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

MIN_KEY_CHARACTERS = 50  # as Django's own check security.W009 asks
MIN_KEY_VARIETY = 5
KNOWN_KEYS = ("django-insecure-", "changeme", "change-me", "secret", "insecure")  # how keys in examples begin


def check(*, secret_key: str, debug: bool, allowed_hosts: Sequence[str], is_behind_tls: bool) -> None:
    """`secret_key` and `allowed_hosts` as given from outside, empty where nothing was. Raises ImproperlyConfigured with
    one sentence for the first thing that is wrong."""
    if not secret_key:
        raise ImproperlyConfigured(
            "ASSAY_SECRET_KEY is missing: in production every process must be given the same random key, for example "
            "from `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    if (
        len(secret_key) < MIN_KEY_CHARACTERS
        or len(set(secret_key)) < MIN_KEY_VARIETY
        or secret_key.lower().startswith(KNOWN_KEYS)
    ):
        raise ImproperlyConfigured(
            "ASSAY_SECRET_KEY can be guessed: in production it must be a random text of 50 characters or more."
        )
    if debug:
        raise ImproperlyConfigured(
            "ASSAY_DEBUG=1 shows settings and source to whoever causes an error: leave it out in production."
        )
    if not allowed_hosts or any("*" in host for host in allowed_hosts):
        raise ImproperlyConfigured(
            "ASSAY_ALLOWED_HOSTS must list the names that people type to reach this installation, and no `*`, in "
            "production."
        )
    if not is_behind_tls:
        raise ImproperlyConfigured(
            "ASSAY_BEHIND_TLS=1 is missing: in production a proxy must speak TLS, set X-Forwarded-Proto and pass "
            "requests on."
        )
