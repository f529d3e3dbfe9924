"""One permit: claim, read and decode in threads, judge in batches of the engine's best size, record."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from numpy.typing import NDArray

from batches import claims, results, store
from batches.claims import Claim
from batches.errors import BatchesError
from batches.models import Analysis
from batches.results import Failed, Outcome, Scored
from detector import Detector
from detector.errors import DecodeError

Answer = TypeVar("Answer")

DECODE_THREADS = 2
PAUSES_SECONDS = (0.2, 1.0, 3.0)

_decoders = ThreadPoolExecutor(DECODE_THREADS, thread_name_prefix="decode")


@dataclass(frozen=True)
class Prepared:
    pixels: NDArray[np.uint8]  # (size, size, 3) RGB 0-255
    decode_ms: float


def work(lane: str, *, detector: Detector, owner: str) -> int:
    """Uses up one permit and returns how many analyses ended."""
    claim = _patiently(partial(claims.take, lane, settings.CHUNK, owner=owner))
    ended = _finish(claim, detector)
    # What was tried before is analysed alone: one with every chunk, so that it need not wait for the lane to run dry.
    for _ in range(1 if claim.analyses else settings.CHUNK):
        alone = _patiently(partial(claims.take_alone, lane, owner=owner))
        if not alone.analyses:
            break
        ended += _finish(alone, detector)
    return ended


def judge(analyses: Sequence[Analysis], detector: Detector) -> list[Outcome]:
    """The outcome of each analysis, in order; a broken file fails alone."""
    outcomes: dict[int, Outcome] = {}
    prepared = _decoders.map(partial(_prepare, detector=detector), analyses)  # decodes on while we judge
    readable = _set_aside_failures(prepared, outcomes)
    while group := list(islice(readable, detector.best_batch)):
        scored = _score([image for _, image in group], detector)
        outcomes.update((place, outcome) for (place, _), outcome in zip(group, scored, strict=True))
    return [outcomes[place] for place in range(len(analyses))]


def _finish(claim: Claim, detector: Detector) -> int:
    if not claim.analyses:
        return 0
    return _patiently(partial(results.record, claim, judge(claim.analyses, detector)))


def _prepare(analysis: Analysis, *, detector: Detector) -> Prepared | Failed:
    started = time.perf_counter()
    try:
        pixels = detector.prepare(store.read(analysis.image_id))
    except (DecodeError, BatchesError) as error:
        return Failed(error.code, error.message)
    return Prepared(pixels, _ms_since(started))


def _set_aside_failures(
    prepared: Iterator[Prepared | Failed], outcomes: dict[int, Outcome]
) -> Iterator[tuple[int, Prepared]]:
    for place, image in enumerate(prepared):
        if isinstance(image, Failed):
            outcomes[place] = image
        else:
            yield place, image


def _score(images: Sequence[Prepared], detector: Detector) -> list[Scored]:
    started = time.perf_counter()
    predictions = detector.analyse(np.stack([image.pixels for image in images]))
    forward_ms = _ms_since(started) / len(images)
    return [
        Scored(
            fake_probability=prediction.fake_probability,
            verdict=prediction.verdict,
            map=prediction.map.astype(float).round(4).tolist(),
            model_version=detector.version,
            engine=detector.engine_name,
            decode_ms=image.decode_ms,
            forward_ms=forward_ms,
        )
        for image, prediction in zip(images, predictions, strict=True)
    ]


def _patiently(act: Callable[[], Answer]) -> Answer:
    """Tries again when the database is locked or was restarted: the work already done is worth some seconds."""
    for pause in PAUSES_SECONDS:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
    return act()


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
