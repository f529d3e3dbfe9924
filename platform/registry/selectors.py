"""Reads: which versions there are, and which of them work."""

from dataclasses import dataclass

from django.db.models import QuerySet

from registry.errors import NoActiveVersion, VersionNotFound
from registry.models import Activation, ModelVersion, State


@dataclass(frozen=True)
class Serving:
    active: str
    shadow: str | None


def serving() -> Serving:
    """The versions at work now, by one query. Raises NoActiveVersion."""
    working = dict(ModelVersion.objects.exclude(state=State.AVAILABLE).values_list("state", "version"))
    if State.ACTIVE not in working:
        raise NoActiveVersion
    return Serving(working[State.ACTIVE], working.get(State.SHADOW))


def versions() -> QuerySet[ModelVersion]:
    """All of them, the newest first."""
    return ModelVersion.objects.select_related("imported_by").order_by("-imported_at", "-id")


def version_of(version: str) -> ModelVersion:
    """Raises VersionNotFound."""
    # PostgreSQL takes no NUL in a text, and an address can hold one (%00).
    found = None if "\0" in version else versions().filter(version=version).first()
    if found is None:
        raise VersionNotFound
    return found


def activations() -> QuerySet[Activation]:
    """Who let which version judge, the latest first."""
    return Activation.objects.select_related("version", "previous", "by").order_by("-id")
