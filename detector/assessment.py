"""Examined images become assessments: the worst face decides, reasons weaken, verdicts hardly reached are tried."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector import reasons, stability, verdict
from detector.card import EngineCard
from detector.engines import Engine
from detector.examination import Examined
from detector.explain import Output
from detector.faces import Face
from detector.novelty import Novelty
from detector.reasons import Facts, Rule
from detector.verdict import Judgement, Result, Verdict

# In log-odds from one half: definite verdicts within it are tried again. Of 1,727 validation images at least one
# re-encoding changed the result of 11 % between 2 and 2.5 (n = 145), of 6 % between 2.5 and 3 (155), and of 2 beyond
# (912); the shipped bundle calls nothing real within 2.1.
_MAY_CHANGE = 2.5


@dataclass(frozen=True)
class FaceScore:
    """One face's score, and the verdict by it alone; `face` is None for a whole image without one.

    The map is as in explain.Output.
    """

    face: Face | None
    fake_probability: float
    verdict: Verdict
    logit: float
    map: NDArray[np.float32]


@dataclass(frozen=True)
class Assessment:
    """The answer about one image; `scores` has every face, the one that decided among them as `deciding`.

    `result` and `confidence` are always given, whatever the verdict. `stability` is the share of the
    re-encodings on the same side of one half, None where the verdict does not hang on it; `novelty` the
    distance from the training faces in parts of the limit, None where the bundle does not know them.
    """

    verdict: Literal["fake", "real", "inconclusive", "not_assessed"]
    reasons: tuple[str, ...]
    result: Result
    confidence: float
    stability: float | None
    novelty: float | None
    scores: tuple[FaceScore, ...]
    deciding: int

    @property
    def fake_probability(self) -> float:
        return self.scores[self.deciding].fake_probability

    @property
    def logit(self) -> float:
        return self.scores[self.deciding].logit

    @property
    def map(self) -> NDArray[np.float32]:
        return self.scores[self.deciding].map


@dataclass(frozen=True)
class _Draft:
    """An image's faces, scored."""

    examined: Examined
    output: Output
    deciding: int
    judgement: Judgement


def assess(images: Sequence[Examined], engine: Engine, card: EngineCard, novelty: Novelty | None) -> list[Assessment]:
    """Assess examined images in their order: all faces in one batch, the re-encodings of some in a second."""
    if not images:
        return []
    output = engine.run(np.concatenate([image.pixels for image in images]))
    ends = np.cumsum([len(image.pixels) for image in images])
    drafts = [
        _draft(image, _part(output, end - len(image.pixels), end), card)
        for image, end in zip(images, ends, strict=True)
    ]
    shares = _measure_stability(drafts, engine, card)
    return [_conclude(draft, share, card, novelty) for draft, share in zip(drafts, shares, strict=True)]


def _part(output: Output, start: int, end: int) -> Output:
    return Output(output.logits[start:end], output.maps[start:end], output.pooled[start:end])


def _draft(examined: Examined, output: Output, card: EngineCard) -> _Draft:
    deciding = int(np.argmax(output.logits))
    judgement = verdict.judge(float(output.logits[deciding]), card.calibration, card.thresholds)
    return _Draft(examined, output, deciding, judgement)


def _measure_stability(drafts: Sequence[_Draft], engine: Engine, card: EngineCard) -> list[float | None]:
    uncertain = [place for place, draft in enumerate(drafts) if _hangs_on_stability(draft)]
    shares: list[float | None] = [None] * len(drafts)
    if uncertain:
        varied = [stability.vary(drafts[place].examined.pixels[drafts[place].deciding]) for place in uncertain]
        logits = engine.run(np.concatenate(varied)).logits.reshape(len(uncertain), stability.COUNT)
        for place, answers in zip(uncertain, logits, strict=True):
            results = [verdict.judge(float(logit), card.calibration, card.thresholds).result for logit in answers]
            shares[place] = results.count(drafts[place].judgement.result) / stability.COUNT
    return shares


def _hangs_on_stability(draft: _Draft) -> bool:
    """Whether the verdict is definite but its result might change, of an image that is assessed at all."""
    if draft.judgement.verdict == "inconclusive":
        return False
    if any(rule.effect == "not_assessed" for rule in _list_rules(draft.examined, None, None)):
        return False
    return abs(_log_odds(draft.judgement.fake_probability)) <= _MAY_CHANGE


def _conclude(draft: _Draft, share: float | None, card: EngineCard, novelty: Novelty | None) -> Assessment:
    deciding = draft.deciding
    distance = None
    if novelty is not None:
        distance = float(novelty.measure(draft.output.pooled[deciding : deciding + 1])[0]) / novelty.limit
    rules = _list_rules(draft.examined, distance, share)
    return Assessment(
        verdict=_weaken(draft.judgement, rules),
        reasons=tuple(rule.code for rule in rules),
        result=draft.judgement.result,
        confidence=draft.judgement.confidence,
        stability=share,
        novelty=distance,
        scores=_list_scores(draft, card),
        deciding=deciding,
    )


def _list_rules(examined: Examined, novelty: float | None, share: float | None) -> list[Rule]:
    return reasons.list_rules(Facts(examined.face_count, examined.quality, novelty, share))


def _weaken(judgement: Judgement, rules: Sequence[Rule]) -> Literal["fake", "real", "inconclusive", "not_assessed"]:
    effects = {rule.effect for rule in rules}
    if "not_assessed" in effects:
        return "not_assessed"
    return "inconclusive" if effects else judgement.verdict


def _list_scores(draft: _Draft, card: EngineCard) -> tuple[FaceScore, ...]:
    faces: Sequence[Face | None] = draft.examined.faces or [None]
    scored = zip(faces, draft.output.logits.tolist(), draft.output.maps, strict=True)
    return tuple(_score(face, logit, map_, card) for face, logit, map_ in scored)


def _score(face: Face | None, logit: float, map_: NDArray[np.float32], card: EngineCard) -> FaceScore:
    judgement = verdict.judge(logit, card.calibration, card.thresholds)
    return FaceScore(face, judgement.fake_probability, judgement.verdict, logit, map_)


def _log_odds(probability: float) -> float:
    if probability <= 0 or probability >= 1:
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))
