"""The written rules by which a verdict is withheld or weakened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from detector.quality import Quality

Effect = Literal["not_assessed", "inconclusive", "warning"]

# Set by judgement, not measured: such a face fills a crop of 141 px, which a model of 256 px sees enlarged 1.8 times.
MIN_FACE_PX = 96
# From so many on TrueMedia's public service demoted its verdicts (its published detect/README).
MANY_FACES = 5
# Set by judgement, not measured on this detector: the robustness grid of an evaluation ends at quality 30.
MIN_JPEG_QUALITY = 40
# Measured on 60 images of each of 20 sets: they fire on 73 % of the faces scaled to 0.375 and back (63 % where
# saved again), on 98 % of those blurred with sigma 3 and on 1 % of those saved at quality 30. Of 60 images as they
# are of each class of 21 sets on 7 %, nearly all of them in the softest (LFW 68 %, FaceForensics++ 18-30 %, UTKFace
# 23 %, openforensics 7-17 %).
MIN_SHARPNESS = 0.30
MIN_FINE_DETAIL = -1.25
# Inside the inconclusive band of the first bundle, answers that all four re-encodings share were wrong in 21 %
# (n = 67), those that one leaves in 34 % (35), those that more leave in 44 % (36). Of the definite answers near
# the band only 5 of 28 were left by one and none by more: too few to tell what the rule does there.
MIN_STABILITY = 1.0
# The one rule that is about the score alone: with no other the score means what was measured.
NEAR_LIMIT = "near_limit"


@dataclass(frozen=True)
class Facts:
    """What the rules look at; `novelty` is in parts of the bundle's limit. None is not measured.

    `between_limits`: the score alone gives no definite verdict.
    """

    face_count: int
    quality: Quality
    novelty: float | None
    stability: float | None
    between_limits: bool = False
    frames: int = 1
    frames_examined: int = 1


@dataclass(frozen=True)
class Rule:
    """A code, what it does to the verdict, the sentence for the user, and when it applies."""

    code: str
    effect: Effect
    sentence: str
    applies: Callable[[Facts], bool]


RULES = (
    Rule(
        "no_face",
        "not_assessed",
        "No face was found, and faces are all that this detector knows.",
        lambda facts: facts.face_count == 0,
    ),
    Rule(
        "small_face",
        "not_assessed",
        f"The largest face is under {MIN_FACE_PX} pixels wide in the original image.",
        lambda facts: facts.face_count > 0 and facts.quality.face_px < MIN_FACE_PX,
    ),
    Rule(
        "many_faces",
        "inconclusive",
        f"There are {MANY_FACES} faces or more: one false alarm among them would decide.",
        lambda facts: facts.face_count >= MANY_FACES,
    ),
    Rule(
        "heavy_compression",
        "inconclusive",
        f"The JPEG's estimated quality is under {MIN_JPEG_QUALITY}: the traces looked for do not survive that.",
        lambda facts: facts.quality.jpeg_quality is not None and facts.quality.jpeg_quality < MIN_JPEG_QUALITY,
    ),
    Rule(
        "blurred_or_upscaled",
        "inconclusive",
        "The face is blurred or was enlarged: it has no fine structure left to judge.",
        lambda facts: facts.quality.sharpness < MIN_SHARPNESS or facts.quality.fine_detail < MIN_FINE_DETAIL,
    ),
    Rule(
        "greyscale",
        "inconclusive",
        "The image has no colour.",
        lambda facts: facts.quality.is_greyscale,
    ),
    Rule(
        "unfamiliar",
        "inconclusive",
        "The face is unlike 99 % of those the detector was trained on.",
        lambda facts: facts.novelty is not None and facts.novelty > 1,
    ),
    Rule(
        "unstable",
        "inconclusive",
        "The answer changes when the image is saved again or scaled a little.",
        lambda facts: facts.stability is not None and facts.stability < MIN_STABILITY,
    ),
    Rule(
        NEAR_LIMIT,
        "inconclusive",
        "The score lies between the limits for a verdict.",
        lambda facts: facts.between_limits,
    ),
    Rule(
        "every_frame",
        "warning",
        "The file is an animation. All its frames were looked at, and the one most like a fake decides.",
        lambda facts: 1 < facts.frames_examined == facts.frames,
    ),
    Rule(
        "some_frames",
        "warning",
        "The file is an animation. Some of its frames were looked at, and the one most like a fake decides.",
        lambda facts: 1 < facts.frames_examined < facts.frames,
    ),
    Rule(
        "first_frame",
        "warning",
        "The file holds several pictures. Only the first was looked at.",
        lambda facts: facts.frames_examined == 1 < facts.frames,
    ),
)


def list_rules(facts: Facts) -> list[Rule]:
    """The rules that apply, in the table's order; where one withholds the verdict, no other weakens it."""
    applying = [rule for rule in RULES if rule.applies(facts)]
    if any(rule.effect == "not_assessed" for rule in applying):
        return [rule for rule in applying if rule.effect != "inconclusive"]
    return applying
