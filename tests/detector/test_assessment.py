from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from detector import Detector, bundle, engines, stability, verdict
from detector.card import Card
from detector.examination import Examined
from detector.explain import Output
from detector.faces import Face
from detector.novelty import Novelty
from detector.quality import Quality
from detector.strength import LikelihoodRatio, StrengthBand
from detector.verdict import Calibration, Judgement, Thresholds
from tests.detector.conftest import Sample

ENGINE = "litert-float32"
FINE = Quality(jpeg_quality=90, sharpness=0.6, fine_detail=-0.5, is_greyscale=False, face_px=174)


def examined(*pixels: NDArray[np.uint8], quality: Quality = FINE, face_count: int | None = None) -> Examined:
    faces = tuple(Face(10 * index, 0, 174, 174) for index in range(len(pixels)))
    count = len(faces) if face_count is None else face_count
    return Examined(256, 256, count, faces[:count], np.stack(pixels), quality)


def open_with(
    sample: Sample,
    thresholds: Thresholds,
    novelty: Novelty | None = None,
    scale: tuple[StrengthBand, ...] | None = None,
) -> Detector:
    """The sample's detector, its scores centred on the images' median and spread out, with these thresholds."""
    opened = bundle.load(sample.folder)
    logits = run(sample, sample.images.pixels).logits
    spread = float(np.std(logits)) / 3
    calibration = Calibration(temperature=spread, bias=-float(np.median(logits)) / spread)
    entry = replace(opened.card.engines[ENGINE], calibration=calibration, thresholds=thresholds, strength_scale=scale)
    card: Card = replace(opened.card, engines={ENGINE: entry})
    return Detector(card, engines.start(opened, ENGINE, threads=1, pool=1), novelty)


def run(sample: Sample, pixels: NDArray[np.uint8]) -> Output:
    return engines.start(bundle.load(sample.folder), ENGINE, threads=1, pool=1).run(pixels)


def judge(detector: Detector, logit: float) -> Judgement:
    card = detector.card.engines[ENGINE]
    return verdict.judge(logit, card.calibration, card.thresholds)


DECIDED = Thresholds(real_below=0.5, fake_from=0.5)
SCALE = (
    StrengthBand(0.0, 0.4, LikelihoodRatio(0.05, 0.02, 0.09), fakes=20, reals=400),
    StrengthBand(0.4, 0.6, LikelihoodRatio(1.1, 0.6, 2.0), fakes=110, reals=100),
    StrengthBand(0.6, 1.0, LikelihoodRatio(40.0, 15.0, 110.0), fakes=400, reals=10),
)


def test_an_image_of_one_face_has_the_score_it_always_had(sample: Sample) -> None:
    detector = open_with(sample, DECIDED)
    images = [examined(pixels) for pixels in sample.images.pixels]

    assessments = detector.assess(images)

    output = run(sample, sample.images.pixels)
    for assessment, logit, map_ in zip(assessments, output.logits.tolist(), output.maps, strict=True):
        expected = judge(detector, logit)
        assert assessment.fake_probability == pytest.approx(expected.fake_probability, abs=1e-5)
        assert (assessment.result, assessment.deciding) == (expected.result, 0)
        assert assessment.confidence == pytest.approx(expected.confidence, abs=1e-3)
        assert np.allclose(assessment.map, map_, atol=1e-5)
    assert {assessment.result for assessment in assessments} == {"FAKE", "REAL"}
    assert detector.assess([]) == []


def test_the_worst_face_decides_and_each_keeps_its_own_score(sample: Sample) -> None:
    detector = open_with(sample, DECIDED)
    pixels = sample.images.pixels
    groups = [pixels[:3], pixels[3:4], pixels[4:9], pixels[9:20]]

    assessments = detector.assess([examined(*group) for group in groups])

    expected = np.split(run(sample, pixels).logits, [3, 4, 9])
    for assessment, group, logits in zip(assessments, groups, expected, strict=True):
        assert [score.logit for score in assessment.scores] == pytest.approx(logits.tolist(), abs=1e-4)
        assert [score.face for score in assessment.scores] == list(examined(*group).faces)
        assert assessment.deciding == np.argmax(logits)
        assert assessment.fake_probability == max(score.fake_probability for score in assessment.scores)
        assert assessment.map is assessment.scores[assessment.deciding].map


def test_without_a_face_nothing_is_assessed_but_the_result_is_given(sample: Sample) -> None:
    (assessment,) = open_with(sample, DECIDED).assess(
        [examined(sample.images.pixels[0], quality=replace(FINE, face_px=0), face_count=0)]
    )

    assert (assessment.verdict, assessment.reasons) == ("not_assessed", ("no_face",))
    assert assessment.scores[0].face is None
    assert assessment.result in ("FAKE", "REAL")
    assert assessment.confidence >= 50


def test_a_reason_turns_a_definite_verdict_into_an_inconclusive_one(sample: Sample) -> None:
    detector = open_with(sample, DECIDED)
    pixels = sample.images.pixels[int(np.argmax(run(sample, sample.images.pixels).logits))]
    grey, pressed = replace(FINE, is_greyscale=True), replace(FINE, jpeg_quality=20, is_greyscale=True)

    plain, weak, weaker = detector.assess([examined(pixels, quality=one) for one in (FINE, grey, pressed)])

    assert (plain.verdict, weak.verdict, weaker.verdict) == ("fake", "inconclusive", "inconclusive")
    assert (plain.result, weak.result, weaker.result) == ("FAKE", "FAKE", "FAKE")
    assert weak.reasons == ("greyscale",)
    assert weaker.reasons == ("heavy_compression", "greyscale")


def test_too_small_a_face_outweighs_every_other_reason(sample: Sample) -> None:
    quality = replace(FINE, face_px=80, jpeg_quality=20)

    (assessment,) = open_with(sample, DECIDED).assess([examined(sample.images.pixels[0], quality=quality)])

    assert assessment.verdict == "not_assessed"
    assert assessment.reasons == ("small_face",)


def test_only_definite_verdicts_whose_result_might_change_are_tried_again(sample: Sample) -> None:
    images = [examined(one) for one in sample.images.pixels]
    probabilities = np.array([one.fake_probability for one in open_with(sample, DECIDED).assess(images)])
    ends = np.quantile(probabilities, [0.45, 0.55])

    detector = open_with(sample, Thresholds(real_below=float(ends[0]), fake_from=float(ends[1])))
    tried = [assessment.stability is not None for assessment in detector.assess(images)]

    definite = (probabilities < ends[0]) | (probabilities >= ends[1])
    odds = np.log(probabilities / (1 - probabilities))
    assert tried == (definite & (np.abs(odds) <= 2.5)).tolist()
    assert any(tried)
    assert not all(tried)


def test_stability_is_the_share_of_re_encodings_on_the_same_side(sample: Sample) -> None:
    pixels = sample.images.pixels
    images = [examined(one) for one in pixels]
    probabilities = [one.fake_probability for one in open_with(sample, DECIDED).assess(images)]
    low, high = np.quantile(probabilities, [0.3, 0.7])
    detector = open_with(sample, Thresholds(real_below=float(low), fake_from=float(high)))

    assessed = zip(detector.assess(images), pixels, strict=True)
    tried = [(one, image) for one, image in assessed if one.stability is not None]

    assert tried
    for assessment, image in tried:
        results = [judge(detector, logit).result for logit in run(sample, stability.vary(image)).logits.tolist()]
        assert assessment.stability == results.count(assessment.result) / 4
        assert ("unstable" in assessment.reasons) == (assessment.stability < 1)


def test_what_is_not_assessed_is_not_tried_again(sample: Sample) -> None:
    logits = run(sample, sample.images.pixels).logits
    pixels = sample.images.pixels[int(np.argsort(logits)[len(logits) // 2])]
    (plain,) = open_with(sample, DECIDED).assess([examined(pixels)])
    at_the_end = Thresholds(real_below=plain.fake_probability, fake_from=plain.fake_probability)
    images = [examined(pixels), examined(pixels, quality=replace(FINE, face_px=50))]

    tried, small = open_with(sample, at_the_end).assess(images)

    assert tried.stability is not None
    assert small.stability is None


def test_a_face_far_from_the_training_faces_is_unfamiliar(sample: Sample) -> None:
    pooled = run(sample, sample.images.pixels).pooled
    distances = np.sqrt(np.mean((pooled - pooled.mean(axis=0)) ** 2, axis=1))
    limit = float(np.median(distances))
    channels = pooled.shape[1]
    novelty = Novelty(
        pooled.mean(axis=0), np.eye(channels, dtype=np.float32), np.ones(channels, dtype=np.float32), limit
    )

    assessments = open_with(sample, DECIDED, novelty).assess([examined(one) for one in sample.images.pixels])

    measured = [assessment.novelty for assessment in assessments]
    assert measured == pytest.approx((distances / limit).tolist(), rel=1e-3)
    assert ["unfamiliar" in assessment.reasons for assessment in assessments] == [one > 1 for one in distances / limit]


def test_the_four_re_encodings_differ_from_the_image_and_from_each_other(sample: Sample) -> None:
    image = sample.images.pixels[0]

    varied = stability.vary(image)

    assert varied.shape == (stability.COUNT, *image.shape)
    assert varied.dtype == np.uint8
    assert np.array_equal(varied[3][:, ::-1], image)
    everything = [image, *varied]
    assert all(not np.array_equal(a, b) for i, a in enumerate(everything) for b in everything[i + 1 :])


def pick(sample: Sample, which: int) -> NDArray[np.uint8]:
    """The image with the lowest score (0) or the highest (-1)."""
    pixels = sample.images.pixels
    return np.asarray(pixels[int(np.argsort(run(sample, pixels).logits)[which])])


def test_a_definite_verdict_has_its_likelihood_ratio_and_the_word_for_it(sample: Sample) -> None:
    detector = open_with(sample, DECIDED, scale=SCALE)

    real, fake = detector.assess([examined(pick(sample, 0)), examined(pick(sample, -1))])

    assert (real.verdict, real.strength, real.lean) == ("real", "moderate_camera", None)
    assert real.likelihood_ratio == SCALE[0].likelihood_ratio
    assert (fake.verdict, fake.strength, fake.lean) == ("fake", "moderate_synthetic", None)
    assert fake.likelihood_ratio == SCALE[2].likelihood_ratio


def test_between_the_limits_the_score_keeps_its_strength_and_leans_that_way(sample: Sample) -> None:
    undecided = Thresholds(real_below=0.0, fake_from=1.0)
    images = [examined(pick(sample, 0)), examined(pick(sample, -1))]

    for scale, strengths in ((SCALE, ["moderate_camera", "moderate_synthetic"]), (None, [None, None])):
        assessments = open_with(sample, undecided, scale=scale).assess(images)
        assert [one.verdict for one in assessments] == ["inconclusive", "inconclusive"]
        assert [one.reasons for one in assessments] == [("near_limit",), ("near_limit",)]
        assert [one.strength for one in assessments] == strengths
        assert [one.lean for one in assessments] == ["camera", "synthetic"]
        assert all((one.likelihood_ratio is None) == (scale is None) for one in assessments)


def test_a_flaw_of_the_file_takes_the_strength_away_and_leaves_a_lean(sample: Sample) -> None:
    grey = replace(FINE, is_greyscale=True)
    detector = open_with(sample, DECIDED, scale=SCALE)

    real, fake = detector.assess([examined(pick(sample, 0), quality=grey), examined(pick(sample, -1), quality=grey)])

    assert [(one.verdict, one.strength, one.lean) for one in (real, fake)] == [
        ("inconclusive", "inconclusive", "camera"),
        ("inconclusive", "inconclusive", "synthetic"),
    ]
    assert (real.likelihood_ratio, real.reasons) == (None, ("greyscale",))


def test_what_is_not_assessed_has_neither_strength_nor_lean(sample: Sample) -> None:
    (small,) = open_with(sample, DECIDED, scale=SCALE).assess(
        [examined(pick(sample, -1), quality=replace(FINE, face_px=50))]
    )

    assert (small.verdict, small.strength, small.likelihood_ratio, small.lean) == ("not_assessed", None, None, None)


def test_without_a_scale_a_definite_verdict_has_no_strength(sample: Sample) -> None:
    (fake,) = open_with(sample, DECIDED).assess([examined(pick(sample, -1))])

    assert (fake.verdict, fake.strength, fake.likelihood_ratio, fake.lean) == ("fake", None, None, None)


def test_support_for_the_other_side_is_no_support_for_a_definite_verdict(sample: Sample) -> None:
    always_synthetic = (StrengthBand(0.0, 1.0, LikelihoodRatio(20.0, 12.0, 30.0), fakes=10, reals=10),)

    (real,) = open_with(sample, DECIDED, scale=always_synthetic).assess([examined(pick(sample, 0))])

    assert (real.verdict, real.strength) == ("real", "inconclusive")


def test_of_an_animation_the_worst_frame_decides(sample: Sample) -> None:
    detector = open_with(sample, DECIDED)
    logits = run(sample, sample.images.pixels).logits
    lowest, highest = (sample.images.pixels[place] for place in (np.argmin(logits), np.argmax(logits)))
    first, second, third = (
        replace(examined(pixels), frames=30, frames_examined=3, place=place)
        for pixels, place in ((lowest, 0), (highest, 15), (lowest, 29))
    )

    alone, animated, other = detector.assess(
        [examined(lowest), replace(first, later=(second, third)), examined(highest)]
    )

    assert (alone.frames, alone.verdict, other.verdict) == (1, "real", "fake")
    assert (animated.frames, animated.frames_examined, animated.place) == (30, 3, 15)
    assert (animated.verdict, animated.reasons) == ("fake", ("some_frames",))
    assert animated.logit == pytest.approx(other.logit, abs=1e-4)


def test_a_frame_without_a_face_decides_only_where_all_are(sample: Sample) -> None:
    detector = open_with(sample, DECIDED)
    logits = run(sample, sample.images.pixels).logits
    lowest, highest = (sample.images.pixels[place] for place in (np.argmin(logits), np.argmax(logits)))
    empty = replace(examined(highest, face_count=0), frames=2, frames_examined=2)
    face = replace(examined(lowest), frames=2, frames_examined=2, place=1)

    faceless, mixed = detector.assess(
        [
            replace(empty, later=(replace(empty, place=1),)),
            replace(empty, later=(face,)),
        ]
    )

    assert (faceless.verdict, faceless.reasons) == ("not_assessed", ("no_face", "every_frame"))
    assert (mixed.verdict, mixed.place) == ("real", 1)
