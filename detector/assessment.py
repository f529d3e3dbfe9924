"""Assess examined images: the worst face of the worst frame decides, reasons weaken, near verdicts are tried again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector import reasons, stability, strength, verdict
from detector.card import EngineCard
from detector.engines import Engine
from detector.examination import Examined
from detector.explain import Output
from detector.faces import Face
from detector.novelty import Novelty
from detector.reasons import NEAR_LIMIT, Facts, Rule
from detector.strength import Lean, LikelihoodRatio, Strength
from detector.verdict import Judgement, Result, Verdict

# In log-odds from one half: definite verdicts within it are tried again. Of 1,727 validation images at least one
# re-encoding changed the result of 11 % between 2 and 2.5 (n = 145), of 6 % between 2.5 and 3 (155), and of 2 beyond
# (912); the shipped bundle calls nothing real within 2.1.
_MAY_CHANGE = 2.5


Decision = Literal["fake", "real", "inconclusive", "not_assessed"]


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
    distance from the training faces in parts of the limit, None where the bundle does not know them. Of an animation
    all this is about the frame that decided, at `place` among `frames`; `frames_examined` were looked at.

    `likelihood_ratio` is what the bundle measured for such a score; None where it measured none, or where a flaw of
    the file or an unknown kind of face makes the score unreliable. `strength` is None without a scale and where nothing
    is assessed; it never contradicts a definite verdict. `lean` is the side of an inconclusive verdict and None of
    others; `reasons` say why it stops there.
    """

    verdict: Decision
    reasons: tuple[str, ...]
    result: Result
    confidence: float
    strength: Strength | None
    likelihood_ratio: LikelihoodRatio | None
    lean: Lean | None
    stability: float | None
    novelty: float | None
    scores: tuple[FaceScore, ...]
    deciding: int
    frames: int = 1
    frames_examined: int = 1
    place: int = 0

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
    frames = [frame for image in images for frame in (image, *image.later)]
    output = engine.run(np.concatenate([frame.pixels for frame in frames]))
    ends = np.cumsum([len(frame.pixels) for frame in frames])
    drafts = [
        _draft(frame, _part(output, end - len(frame.pixels), end), card)
        for frame, end in zip(frames, ends, strict=True)
    ]
    shares = _measure_stability(drafts, engine, card)
    concluded = (_conclude(draft, share, card, novelty) for draft, share in zip(drafts, shares, strict=True))
    return [max(islice(concluded, 1 + len(image.later)), key=_rank) for image in images]


def _rank(assessment: Assessment) -> tuple[bool, bool, float]:
    """The higher the worse: what is assessed before what is not, and a definite fake before all."""
    return assessment.verdict != "not_assessed", assessment.verdict == "fake", assessment.logit


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
    if any(rule.effect == "not_assessed" for rule in _list_rules(draft, None, None)):
        return False
    return abs(_log_odds(draft.judgement.fake_probability)) <= _MAY_CHANGE


def _conclude(draft: _Draft, share: float | None, card: EngineCard, novelty: Novelty | None) -> Assessment:
    deciding = draft.deciding
    distance = None
    if novelty is not None:
        distance = float(novelty.measure(draft.output.pooled[deciding : deciding + 1])[0]) / novelty.limit
    rules = _list_rules(draft, distance, share)
    decided = _weaken(draft.judgement, rules)
    ratio = _find_likelihood_ratio(draft.judgement, rules, card)
    word = _to_strength(decided, ratio, card)
    return Assessment(
        verdict=decided,
        reasons=tuple(rule.code for rule in rules),
        result=draft.judgement.result,
        confidence=draft.judgement.confidence,
        strength=word,
        likelihood_ratio=ratio,
        lean=strength.find_lean(ratio, draft.judgement.result) if decided == "inconclusive" else None,
        stability=share,
        novelty=distance,
        scores=_list_scores(draft, card),
        deciding=deciding,
        frames=draft.examined.frames,
        frames_examined=draft.examined.frames_examined,
        place=draft.examined.place,
    )


def _list_rules(draft: _Draft, novelty: float | None, share: float | None) -> list[Rule]:
    examined = draft.examined
    facts = Facts(
        face_count=examined.face_count,
        quality=examined.quality,
        novelty=novelty,
        stability=share,
        between_limits=draft.judgement.verdict == "inconclusive",
        frames=examined.frames,
        frames_examined=examined.frames_examined,
    )
    return reasons.list_rules(facts)


def _weaken(judgement: Judgement, rules: Sequence[Rule]) -> Decision:
    effects = {rule.effect for rule in rules}
    if "not_assessed" in effects:
        return "not_assessed"
    return "inconclusive" if "inconclusive" in effects else judgement.verdict


def _find_likelihood_ratio(judgement: Judgement, rules: Sequence[Rule], card: EngineCard) -> LikelihoodRatio | None:
    """None without a scale, and where a rule says that such a file's score is not among those that were measured."""
    if card.strength_scale is None or any(rule.effect != "warning" and rule.code != NEAR_LIMIT for rule in rules):
        return None
    return strength.find_likelihood_ratio(card.strength_scale, judgement.fake_probability)


def _to_strength(decided: Decision, ratio: LikelihoodRatio | None, card: EngineCard) -> Strength | None:
    if card.strength_scale is None or decided == "not_assessed":
        return None
    word = strength.to_strength(ratio) if ratio else "inconclusive"
    # Thresholds bound the errors beyond them, a likelihood ratio is of scores like this one: right at a threshold the
    # two can point apart, and then neither side has support.
    opposite = {"fake": "camera", "real": "synthetic"}.get(decided)
    return "inconclusive" if opposite and word.endswith(opposite) else word


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
