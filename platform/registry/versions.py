"""Takes versions in and decides which one judges: import, activate, roll back, shadow."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from detector.card import Card
from registry import bundles
from registry.errors import AlreadyActive, NothingBefore, VersionNotFound, VersionTaken
from registry.models import Activation, Kind, ModelVersion, State

DECISIVE = ("input", "scaling", "classes", "head", "novelty")
DECISIVE_OF_ENGINE = ("file", "sha256", "calibration", "thresholds")


def take_in(source: Path, *, by: AbstractBaseUser | None) -> ModelVersion:
    """Copies a bundle out of a folder or a ZIP and lists it; one that is there already is healed and its card renewed.

    Raises BundleRefused, VersionTaken.
    """
    with bundles.stage(source) as staged:
        known = ModelVersion.objects.filter(version=staged.card.version).first()
        if known and _decisive(known.card) != _decisive(as_json(staged.card)):
            raise VersionTaken  # the hash in a version has 8 digits: two bundles with the same can be made
        bundles.keep(staged)
    return enter(staged.card, by=by)


def enter(card: Card, *, by: AbstractBaseUser | None) -> ModelVersion:
    """Lists a bundle that is in its place."""
    renewed = {"card": as_json(card), "files": bundles.files_of(card), "problem": ""}
    first = {"name": card.name, "recipe": card.recipe[:64], "imported_by_id": by.pk if by else None}
    version, _ = ModelVersion.objects.update_or_create(
        version=card.version, defaults=renewed, create_defaults=renewed | first
    )
    return version


def as_json(card: Card) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json.dumps(asdict(card)))  # as it comes back out of the database
    return parsed


def activate(version: str, *, by: AbstractBaseUser | None) -> ModelVersion:
    """Lets this version judge from the next permit on. Raises VersionNotFound, EngineMissing, BundleError."""
    with transaction.atomic():
        return _activate(_locked(), version, Kind.CHOSEN, by)


def activate_shipped(version: str) -> ModelVersion:
    """The same, on nobody's word."""
    with transaction.atomic():
        return _activate(_locked(), version, Kind.SHIPPED, None)


def roll_back(*, by: AbstractBaseUser | None) -> ModelVersion:
    """Lets the version before judge again; done twice, the one before that. Raises NothingBefore and as `activate`."""
    with transaction.atomic():
        versions = _locked()
        line: list[str] = []
        for version, kind in Activation.objects.order_by("id").values_list("version__version", "kind"):
            if kind == Kind.ROLLBACK:
                line.pop()
            else:
                line.append(version)
        if len(line) < 2:
            raise NothingBefore
        return _activate(versions, line[-2], Kind.ROLLBACK, by)


def start_shadow(version: str) -> ModelVersion:
    """Has this version score beside the active one. Raises AlreadyActive, and as `activate`."""
    with transaction.atomic():
        row = _found(_locked(), version)
        if row.state == State.ACTIVE:
            raise AlreadyActive
        bundles.check(version)
        end_shadow()
        return _move(row, State.SHADOW)


def end_shadow(version: str | None = None) -> None:
    """Has this version, or whichever it is, score no longer."""
    shadows = ModelVersion.objects.filter(state=State.SHADOW)
    (shadows.filter(version=version) if version else shadows).update(state=State.AVAILABLE)


def note_problem(version: str, problem: str) -> None:
    """Tells everybody why a process that should use this version cannot; an empty one takes it back."""
    ModelVersion.objects.filter(version=version).exclude(problem=problem[:300]).update(problem=problem[:300])


def _locked() -> dict[str, ModelVersion]:
    """All versions, held until the transaction ends: two people who activate at once do so one after the other."""
    return {row.version: row for row in ModelVersion.objects.select_for_update().order_by("id")}


def _found(versions: Mapping[str, ModelVersion], version: str) -> ModelVersion:
    if version not in versions:
        raise VersionNotFound
    return versions[version]


def _activate(
    versions: Mapping[str, ModelVersion], version: str, kind: Kind, by: AbstractBaseUser | None
) -> ModelVersion:
    row = _found(versions, version)
    bundles.check(version)
    previous = next((other for other in versions.values() if other.state == State.ACTIVE), None)
    if row != previous:
        ModelVersion.objects.filter(state=State.ACTIVE).update(state=State.AVAILABLE)
        Activation.objects.create(version=row, previous=previous, kind=kind, by_id=by.pk if by else None)
    return _move(row, State.ACTIVE)


def _move(row: ModelVersion, state: State) -> ModelVersion:
    row.state, row.problem = state, ""
    row.save(update_fields=["state", "problem"])
    return row


def _decisive(card: Mapping[str, Any]) -> dict[str, Any]:
    """What two bundles of one version must share; figures and limits may be written anew."""
    engines = {name: {key: engine[key] for key in DECISIVE_OF_ENGINE} for name, engine in card["engines"].items()}
    return {key: card.get(key) for key in DECISIVE} | {"engines": engines}
