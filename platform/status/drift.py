"""Whether scores shift: the latest results of the active version against what its card says, or against those before.

The shift is the population stability index over ten bins of fake_probability (N. Siddiqi, Credit Risk Scorecards,
2006): the sum of (p - q) ln(p / q); by its rule of thumb 0.1 is a slight shift and 0.25 a large one. It moves when the
model's inputs move, and also when simply more or fewer fakes are sent: it calls for a look, it proves nothing.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batches import selectors
from batches.models import Verdict
from registry.models import ModelVersion, State

WINDOW = 1_000  # results
FEWEST = 200  # below this many a shift is noise
BINS = 10
FRESH_SECONDS = 60.0

CARD = "card"
WINDOW_BEFORE = "window_before"

_lock = threading.Lock()
_measured_at = float("-inf")
_drift: "Drift | None" = None


@dataclass(frozen=True)
class Drift:
    model_version: str
    results: int  # assessed ones in the latest window, at most WINDOW
    mean: float  # of fake_probability, 0 to 1
    variance: float
    verdicts: Mapping[str, float]  # share of each
    against: str  # CARD or WINDOW_BEFORE
    shift: float | None  # population stability index; null where there are too few results to say


def latest() -> Drift | None:
    """Measured at most once a minute; None before the first result of the active version."""
    global _drift, _measured_at
    with _lock:
        if time.monotonic() - _measured_at >= FRESH_SECONDS:
            _drift = measure()
            _measured_at = time.monotonic()
        return _drift


def measure() -> Drift | None:
    active = ModelVersion.objects.filter(state=State.ACTIVE).first()
    if active is None:
        return None
    # In the order of the index on (model_version, -created_at): 2,000 rows, however many there are.
    results = selectors.judged().filter(model_version=active.version).order_by("-created_at", "id")
    rows = list(results.values_list("fake_probability", "verdict", "engine")[: 2 * WINDOW])
    # What was not assessed has a score too, of pixels without a face: it says nothing.
    scores = [score for score, verdict, _ in rows if score is not None and verdict != Verdict.NOT_ASSESSED]
    recent, before = scores[:WINDOW], scores[WINDOW:]
    if not recent:
        return None
    promised = reference_of(active.card, rows[0][2])
    reference = promised or (histogram(before) if len(before) >= FEWEST else None)
    mean = sum(recent) / len(recent)
    counted = Counter(verdict for _, verdict, _ in rows[:WINDOW])
    return Drift(
        model_version=active.version,
        results=len(recent),
        mean=mean,
        variance=sum((score - mean) ** 2 for score in recent) / len(recent),
        verdicts={verdict: counted[verdict] / counted.total() for verdict in Verdict},
        against=CARD if promised else WINDOW_BEFORE,
        shift=stability_index(histogram(recent), reference) if reference and len(recent) >= FEWEST else None,
    )


def reference_of(card: Mapping[str, Any], engine: str) -> list[float] | None:
    """Shares of the validation images' calibrated scores in ten bins from 0 to 1, where the card tells them:
    `score_shares` of an engine, which training writes. Cards of before there was such a field do not."""
    shares = card["engines"].get(engine, {}).get("score_shares")
    return [float(share) for share in shares] if shares and len(shares) == BINS else None


def histogram(scores: Sequence[float]) -> list[float]:
    """Shares of BINS bins of equal width; half a score more in each, so that none is empty."""
    counts = Counter(min(int(score * BINS), BINS - 1) for score in scores)
    return [(counts[place] + 0.5) / (len(scores) + 0.5 * BINS) for place in range(BINS)]


def stability_index(now: Sequence[float], reference: Sequence[float]) -> float:
    pairs = [(here, max(there, 1e-4)) for here, there in zip(now, reference, strict=True)]
    return sum((here - there) * math.log(here / there) for here, there in pairs)
