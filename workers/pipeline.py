"""One permit: claim, read, decode and judge in threads by groups of the best size, record; a shadow may look then."""

import logging
import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from batches import claims, results, store
from batches.claims import Claim
from batches.errors import BatchesError, StorageAway
from batches.models import Analysis
from batches.results import Failed, Outcome, Scored
from config import traces
from detector import Assessment, Detector, Examined
from detector.errors import BundleError, DecodeError
from registry import shadows
from registry.serving import Detectors
from workers.decoders import Decoders
from workers.errors import DecoderError, DecoderUnavailable
from workers.watchdog import watching

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)

# Each thread takes a group from its files to its verdicts: a forward pass by one thread a core is as quick as all
# cores in each pass in turn, and nobody waits for the other's part.
THREADS = settings.THREADS or min(len(os.sched_getaffinity(0)), 8)
GROUPS_AHEAD = 4  # that a device judges one after the other while the next are decoded
PAUSES_SECONDS = (0.2, 1.0, 3.0, 10.0)
AWAY_SECONDS = 5.0
NOT_THE_IMAGES = (StorageAway, DecoderUnavailable)  # what keeps a worker from its work: a claim is put back

_judges = ThreadPoolExecutor(THREADS, thread_name_prefix="judge")
# One for each thread, which waits while it decodes: the two are one core's work.
decoders = Decoders(THREADS, seconds=settings.DECODE_SECONDS, memory_bytes=settings.DECODE_BYTES)


@dataclass(frozen=True)
class Prepared:
    examined: Examined
    decode_ms: float  # to unpack it, find its faces and measure its quality


def work(lane: str, *, detectors: Detectors, owner: str) -> int:
    """Uses up one permit under the model that is active now and returns how many analyses ended."""
    try:
        return _work(lane, detectors, owner)
    except NOT_THE_IMAGES as error:
        logger.error("%s The images wait again.", error)
        time.sleep(AWAY_SECONDS)  # permits do not run out meanwhile: the sweeper sends what waits
        return 0


def _work(lane: str, detectors: Detectors, owner: str) -> int:
    active = _patiently(detectors.refresh)
    with traces.span("claim", lane=lane):
        claim = _patiently(partial(claims.take, lane, settings.CHUNK, owner=owner))
        traces.note(images=len(claim.analyses))
    ended = _finish(claim, active, detectors)
    # What was tried before is analysed alone: one with every chunk, so that it need not wait for the lane to run dry.
    for _ in range(1 if claim.analyses else settings.CHUNK):
        alone = _patiently(partial(claims.take_alone, lane, owner=owner))
        if not alone.analyses:
            break
        ended += _finish(alone, active, detectors)
    return ended


def judge(analyses: Sequence[Analysis], detector: Detector) -> list[Outcome]:
    """The outcome of each analysis, in order; a broken file fails alone."""
    if detector.engine_name == "keras":
        return _judge_decoding_ahead(analyses, detector)
    size = max(1, min(detector.best_group, math.ceil(len(analyses) / THREADS)))
    groups = [analyses[first : first + size] for first in range(0, len(analyses), size)]
    return list(chain.from_iterable(_judges.map(traces.carried(partial(_judge_group, detector=detector)), groups)))


def _judge_decoding_ahead(analyses: Sequence[Analysis], detector: Detector) -> list[Outcome]:
    """All threads decode on while a device judges what is ready: a GPU is idle for the first group alone."""
    prepared = _judges.map(partial(_prepare, detector=detector), analyses)
    size = max(1, min(detector.best_group, math.ceil(len(analyses) / GROUPS_AHEAD)))
    groups = iter(lambda: list(islice(prepared, size)), [])
    return list(chain.from_iterable(_score_group(group, detector) for group in groups))


def _judge_group(analyses: Sequence[Analysis], detector: Detector) -> list[Outcome]:
    with traces.span("decode", images=len(analyses)):
        prepared = [_prepare(analysis, detector=detector) for analysis in analyses]
    return _score_group(prepared, detector)


def _score_group(prepared: Sequence[Prepared | Failed], detector: Detector) -> list[Outcome]:
    with traces.span("forward", images=len(prepared)):
        scored = iter(_score([image for image in prepared if isinstance(image, Prepared)], detector))
    return [image if isinstance(image, Failed) else next(scored) for image in prepared]


def _finish(claim: Claim, active: Detector, detectors: Detectors) -> int:
    if not claim.analyses:
        return 0
    with watching(settings.STUCK_SECONDS):
        return _finish_watched(claim, active, detectors)


def _finish_watched(claim: Claim, active: Detector, detectors: Detectors) -> int:
    groups = claim.by_model()
    outcomes: dict[UUID, Outcome] = {}
    try:
        for version, analyses in groups.items():
            judged = _judge_again(analyses, version, detectors) if version else judge(analyses, active)
            outcomes.update(zip((analysis.id for analysis in analyses), judged, strict=True))
    except NOT_THE_IMAGES:
        _patiently(partial(claims.put_back, claim))
        raise
    in_order = [outcomes[analysis.id] for analysis in claim.analyses]
    with traces.span("record", images=len(in_order)):
        ended = _patiently(partial(results.record, claim, in_order))
    _look_on(groups.get("", []), detectors.shadow())
    return ended


def _judge_again(analyses: Sequence[Analysis], version: str, detectors: Detectors) -> list[Outcome]:
    """Under the version that their batch asks for; where it cannot be opened these alone fail, and can be retried."""
    try:
        return judge(analyses, detectors.find(version))
    except BundleError as error:
        return [Failed(error.code, str(error)[:300]) for _ in analyses]


def _look_on(analyses: Sequence[Analysis], shadow: Detector | None) -> None:
    """After the results are recorded, so that nobody waits for a shadow; reading the images again is the price."""
    if shadow and analyses:
        try:
            judged = list(zip(analyses, judge(analyses, shadow), strict=True))
        except NOT_THE_IMAGES as error:
            logger.error("%s The results are there, the shadow's scores are not.", error)
            return
        scores = {analysis.id: outcome for analysis, outcome in judged if isinstance(outcome, Scored)}
        _patiently(partial(shadows.record, shadow.version, scores))


def _prepare(analysis: Analysis, *, detector: Detector) -> Prepared | Failed:
    started = time.perf_counter()
    try:
        examined = decoders.examine(store.read(analysis.image_id), detector.input_spec, settings.FACE_MODEL)
    except StorageAway:
        raise  # no fault of this image
    except (DecodeError, DecoderError, BatchesError) as error:
        return Failed(error.code, error.message)
    return Prepared(examined, _ms_since(started))


def _score(images: Sequence[Prepared], detector: Detector) -> list[Scored]:
    started = time.perf_counter()
    assessments = detector.assess([image.examined for image in images])
    forward_ms = _ms_since(started) / max(len(images), 1)
    return [
        Scored(
            fake_probability=assessment.fake_probability,
            verdict=assessment.verdict,
            map=assessment.map.astype(float).round(4).tolist(),
            model_version=detector.version,
            engine=detector.engine_name,
            decode_ms=image.decode_ms,
            forward_ms=forward_ms,
            reasons=assessment.reasons,
            strength=assessment.strength or "",
            likelihood_ratio=vars(assessment.likelihood_ratio) if assessment.likelihood_ratio else None,
            lean=assessment.lean or "",
            stability=assessment.stability,
            faces=_list_faces(assessment),
            quality=_describe(image.examined),
            perceptual_hash=image.examined.perceptual_hash,
            frames=_count_frames(assessment),
        )
        for image, assessment in zip(images, assessments, strict=True)
    ]


def _list_faces(assessment: Assessment) -> list[dict[str, object]]:
    return [
        {**vars(score.face), "fake_probability": score.fake_probability, "verdict": score.verdict}
        for score in assessment.scores
        if score.face
    ]


def _count_frames(assessment: Assessment) -> dict[str, int] | None:
    if assessment.frames == 1:
        return None
    return {"count": assessment.frames, "examined": assessment.frames_examined, "deciding": assessment.place}


def _describe(examined: Examined) -> dict[str, object]:
    quality = examined.quality
    return {**vars(quality), "sharpness": round(quality.sharpness, 3), "fine_detail": round(quality.fine_detail, 3)}


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
