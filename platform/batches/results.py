"""Writes what came out of a claim, in one transaction, and only where the lease is still ours."""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from batches import counters, likeness, updates
from batches.claims import Claim
from batches.models import Analysis, State
from config import meters

logger = logging.getLogger(__name__)

# What a row of an ended analysis holds where its outcome says nothing.
ENDED: dict[str, object] = {
    "lease_token": None,
    "lease_owner": "",
    "lease_until": None,
    "fake_probability": None,
    "verdict": "",
    "reasons": (),
    "strength": "",
    "likelihood_ratio": None,
    "lean": "",
    "stability": None,
    "faces": (),
    "quality": None,
    "frames": None,
    "map": None,
    "model_version": "",
    "engine": "",
    "decode_ms": None,
    "forward_ms": None,
    "error_code": "",
    "error_detail": "",
}


@dataclass(frozen=True)
class Scored:
    fake_probability: float  # calibrated, 0 to 1
    verdict: str
    map: list[list[float]]  # signed cells; positive pushed towards fake
    model_version: str
    engine: str
    decode_ms: float
    forward_ms: float  # this image's share of its batch's forward pass
    reasons: Sequence[str] = ()
    strength: str = ""
    likelihood_ratio: Mapping[str, float] | None = None  # value, low, high
    lean: str = ""  # of an inconclusive verdict
    stability: float | None = None
    faces: Sequence[Mapping[str, object]] = ()
    quality: Mapping[str, object] | None = None
    frames: Mapping[str, int] | None = None
    perceptual_hash: str = ""  # of the image, 16 hex digits; empty where nobody has worked it out


@dataclass(frozen=True)
class Failed:
    """The file itself cannot be analysed."""

    error_code: str
    error_detail: str


Outcome = Scored | Failed


def record(claim: Claim, outcomes: Sequence[Outcome]) -> int:
    """Writes the outcomes, one for each analysis of the claim in its order, and returns how many were written.

    Where the lease has ended meanwhile the analysis is somebody else's: it is left as it is, and that is logged.
    """
    ids = [analysis.id for analysis in claim.analyses]
    ours = Analysis.objects.filter(id__in=ids, lease_token=claim.token, state=State.RUNNING).order_by("id")
    with transaction.atomic():
        # Locked before the batches, as everywhere (see counters). The time is the database's: hosts differ.
        held = dict(ours.select_for_update(no_key=True).annotate(now=Now()).values_list("id", "now"))
        rows = []
        changes: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
        for analysis, outcome in zip(claim.analyses, outcomes, strict=True):
            if analysis.id in held:
                times = {"id": analysis.id, "finished_at": held[analysis.id]}
                rows.append({**ENDED, **vars(outcome), "state": _state(outcome), **times})
                changes[analysis.batch_id].update({State.RUNNING: -1, _state(outcome): 1})
                if isinstance(outcome, Scored):
                    changes[analysis.batch_id][outcome.verdict] += 1
        updates.write(Analysis, rows)
        likeness.keep(_list_hashes(claim, outcomes))
        counters.move(changes)
    _count([outcome for analysis, outcome in zip(claim.analyses, outcomes, strict=True) if analysis.id in held])
    if len(rows) < len(outcomes):
        meters.late_results.inc(len(outcomes) - len(rows))
        logger.warning("%d results came after their lease had ended and were dropped.", len(outcomes) - len(rows))
    return len(rows)


def _state(outcome: Outcome) -> State:
    return State.DONE if isinstance(outcome, Scored) else State.FAILED


def _count(written: Sequence[Outcome]) -> None:
    for outcome in written:
        if isinstance(outcome, Failed):
            meters.failures.labels(outcome.error_code).inc()
        else:
            meters.analyses.labels(outcome.verdict).inc()
            meters.decode_seconds.observe(outcome.decode_ms / 1000)
            meters.forward_seconds.observe(outcome.forward_ms / 1000)


def _list_hashes(claim: Claim, outcomes: Sequence[Outcome]) -> dict[str, str]:
    """By image; also of analyses that are somebody else's meanwhile, since bytes have but one hash."""
    return {
        analysis.image_id: outcome.perceptual_hash
        for analysis, outcome in zip(claim.analyses, outcomes, strict=True)
        if isinstance(outcome, Scored) and outcome.perceptual_hash
    }
