import pytest

from detector import reasons
from detector.quality import Quality
from detector.reasons import Facts

# The parts of facts that no rule objects to.
QUALITY = {"jpeg_quality": 90, "sharpness": 0.6, "fine_detail": -0.5, "is_greyscale": False, "face_px": 174}
FACTS = {"face_count": 1, "novelty": 0.7, "stability": 1.0, "between_limits": False}

RULES = [
    ("no_face", {"face_count": 0, "face_px": 0}, {"face_count": 1}),
    ("small_face", {"face_px": 95}, {"face_px": 96}),
    ("many_faces", {"face_count": 5}, {"face_count": 4}),
    ("heavy_compression", {"jpeg_quality": 39}, {"jpeg_quality": 40}),
    ("blurred_or_upscaled", {"sharpness": 0.29}, {"sharpness": 0.31}),
    ("blurred_or_upscaled", {"fine_detail": -1.3}, {"fine_detail": -1.2}),
    ("greyscale", {"is_greyscale": True}, {"is_greyscale": False}),
    ("unfamiliar", {"novelty": 1.01}, {"novelty": 1.0}),
    ("unstable", {"stability": 0.75}, {"stability": 1.0}),
    ("near_limit", {"between_limits": True}, {"between_limits": False}),
    ("every_frame", {"frames": 3, "frames_examined": 3}, {"frames": 1, "frames_examined": 1}),
    ("some_frames", {"frames": 30, "frames_examined": 16}, {}),
    ("first_frame", {"frames": 3, "frames_examined": 1}, {}),
]


@pytest.mark.parametrize(("code", "beyond", "within"), RULES)
def test_a_rule_applies_beyond_its_limit_and_not_within(
    code: str, beyond: dict[str, object], within: dict[str, object]
) -> None:
    assert _list_codes(beyond) == [code]
    assert _list_codes(within) == []


def test_what_was_not_measured_is_no_reason() -> None:
    assert _list_codes({"jpeg_quality": None, "novelty": None, "stability": None}) == []


def test_every_rule_has_a_test_a_code_of_its_own_and_a_sentence() -> None:
    codes = [rule.code for rule in reasons.RULES]

    assert codes == list(dict.fromkeys(code for code, _, _ in RULES))
    assert all(rule.sentence.endswith(".") for rule in reasons.RULES)
    assert [rule.code for rule in reasons.RULES if rule.effect == "not_assessed"] == ["no_face", "small_face"]


def test_what_is_not_assessed_is_not_weakened_too() -> None:
    assert _list_codes({"face_count": 0, "face_px": 0, "sharpness": 0.0}) == ["no_face"]


def test_how_many_frames_were_looked_at_is_said_of_what_is_not_assessed_too() -> None:
    assert _list_codes({"face_count": 0, "face_px": 0, "frames": 3}) == ["no_face", "first_frame"]


def _list_codes(changes: dict[str, object]) -> list[str]:
    quality = Quality(**{key: changes.get(key, value) for key, value in QUALITY.items()})  # type: ignore[arg-type]
    known = {key: changes.get(key, value) for key, value in {**FACTS, "frames": 1, "frames_examined": 1}.items()}
    return [rule.code for rule in reasons.list_rules(Facts(quality=quality, **known))]  # type: ignore[arg-type]
