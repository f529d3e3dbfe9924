"""One permit: a chunk of images becomes verdicts with evidence, and a broken one fails alone."""

import subprocess
import sys

import numpy as np
import pytest
from django.db import connection
from pytest_django import Settings

from batches import claims, store
from batches.models import Analysis
from batches.results import Failed, Scored
from detector import Detector, decode, evidence
from registry.serving import Detectors
from tests.batches.test_intake import HOLD_LOCK
from tests.faults import decoding
from tests.system import free_port
from tests.workers.conftest import SendPictures, picture
from workers import decoders, pipeline
from workers.decoders import Decoders

LANE = "interactive"


def test_every_image_gets_the_verdict_it_would_get_by_itself(
    send: SendPictures, detectors: Detectors, detector: Detector, faces: list[bytes]
) -> None:
    pictures = [*faces, *(picture(seed) for seed in range(3))]
    batch = send(pictures)

    assert pipeline.work(LANE, detectors=detectors, owner="w1") == 11

    for content, analysis in zip(pictures, Analysis.objects.order_by("ordinal"), strict=True):
        (alone,) = detector.assess([detector.examine(content)])
        assert analysis.fake_probability == pytest.approx(alone.fake_probability, abs=1e-4)
        assert (analysis.verdict, analysis.reasons) == (alone.verdict, list(alone.reasons))
        assert analysis.stability == alone.stability
        assert (analysis.strength or None, analysis.lean or None) == (alone.strength, alone.lean)
        assert np.allclose(np.array(analysis.map), alone.map, atol=1e-3)
        assert (analysis.model_version, analysis.engine) == (detector.version, detector.engine_name)
        assert analysis.decode_ms
        assert analysis.forward_ms
    batch.refresh_from_db()
    assert (batch.done, batch.waiting, batch.running, batch.not_assessed) == (11, 0, 0, 3)
    assert batch.finished_at


def test_a_result_keeps_the_faces_the_quality_and_what_the_image_is_like(
    send: SendPictures, detectors: Detectors, detector: Detector, faces: list[bytes]
) -> None:
    send([faces[0], picture(0)])

    pipeline.work(LANE, detectors=detectors, owner="w1")

    seen, unseen = Analysis.objects.select_related("image").order_by("ordinal")
    examined = detector.examine(faces[0])
    (box,), (face,) = examined.faces, seen.faces
    assert [face[side] for side in ("x", "y", "width", "height")] == [box.x, box.y, box.width, box.height]
    assert face["fake_probability"] == seen.fake_probability
    assert face["verdict"] in {"fake", "real", "inconclusive"}
    assert seen.quality
    assert (seen.quality["jpeg_quality"], seen.quality["face_px"]) == (75, box.side)
    parts = (seen.image.likeness_1, seen.image.likeness_2, seen.image.likeness_3, seen.image.likeness_4)
    assert "".join(f"{part:04x}" for part in parts) == evidence.perceptual_hash(decode.decode(faces[0]))
    assert (unseen.faces, unseen.reasons[0], unseen.verdict) == ([], "no_face", "not_assessed")
    assert unseen.image.likeness_1 is not None


def test_a_broken_file_fails_alone(send: SendPictures, detectors: Detectors) -> None:
    contents = [picture(0), picture(1)[:-200], b"not an image", b"", picture(2), picture(3), picture(4)]
    batch = send(contents)
    gone, changed = (store.path_of(analysis.image_id) for analysis in Analysis.objects.order_by("ordinal")[4:6])
    gone.unlink()
    changed.write_bytes(picture(9))

    pipeline.work(LANE, detectors=detectors, owner="w1")

    analyses = list(Analysis.objects.order_by("ordinal"))
    assert [analysis.state for analysis in analyses] == ["done", *["failed"] * 5, "done"]
    codes = [analysis.error_code for analysis in analyses[1:-1]]
    assert codes == ["truncated_image", "unsupported_format", "empty_file", "file_missing", "file_corrupt"]
    assert all(analysis.error_detail for analysis in analyses[1:-1])
    batch.refresh_from_db()
    assert (batch.done, batch.failed) == (2, 5)


def test_a_permit_takes_one_chunk(send: SendPictures, detectors: Detectors, settings: Settings) -> None:
    settings.CHUNK = 4
    send([picture(seed) for seed in range(6)])

    assert [pipeline.work(LANE, detectors=detectors, owner="w1") for _ in range(3)] == [4, 2, 0]


def test_what_was_tried_before_goes_alone_and_need_not_wait_for_an_empty_lane(
    send: SendPictures, detectors: Detectors, settings: Settings
) -> None:
    settings.CHUNK = 3
    send([picture(seed) for seed in range(8)])
    claims.take(LANE, 3, owner="dead")
    claims.release("dead")

    ended = [pipeline.work(LANE, detectors=detectors, owner="w1") for _ in range(4)]

    assert ended == [4, 3, 1, 0]  # three new and one alone; two new and one alone; the last alone
    assert sorted(Analysis.objects.values_list("attempts", flat=True)) == [1] * 5 + [2] * 3


@pytest.mark.sqlite_only
def test_a_worker_outwaits_a_locked_database(send: SendPictures, detectors: Detectors) -> None:
    send([picture(0)])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    command = [sys.executable, "-c", HOLD_LOCK, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()

        assert pipeline.work(LANE, detectors=detectors, owner="w1") == 1


def test_images_wait_unharmed_while_their_storage_is_out_of_reach(
    send: SendPictures, detectors: Detectors, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = send([picture(seed) for seed in range(3)])
    monkeypatch.setattr(pipeline, "AWAY_SECONDS", 0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "its-secret")
    settings.S3_BUCKET, settings.S3_ENDPOINT = "assay-images", f"http://127.0.0.1:{free_port()}"

    for _ in range(settings.MAX_ATTEMPTS + 1):
        assert pipeline.work(LANE, detectors=detectors, owner="w1") == 0
    assert set(Analysis.objects.values_list("state", "attempts")) == {("waiting", 0)}

    settings.S3_BUCKET = ""
    assert pipeline.work(LANE, detectors=detectors, owner="w1") == 3
    batch.refresh_from_db()
    assert (batch.done, batch.waiting, batch.running) == (3, 0, 0)


def test_what_keras_judges_while_the_threads_decode_on_is_what_it_judges_alone(
    send: SendPictures, faces: list[bytes], settings: Settings
) -> None:
    detector = Detector.open(settings.BUNDLE, "keras")
    pictures = [*faces[:5], b"\xff\xd8\xff not an image", *faces[5:]]
    send(pictures)
    analyses = list(Analysis.objects.order_by("ordinal"))

    outcomes = pipeline.judge(analyses, detector)

    assert [isinstance(outcome, Failed) for outcome in outcomes] == [place == 5 for place in range(len(pictures))]
    for content, outcome in zip(pictures, outcomes, strict=True):
        if isinstance(outcome, Scored):
            (alone,) = detector.assess([detector.examine(content)])
            assert outcome.fake_probability == pytest.approx(alone.fake_probability, abs=1e-4)
            assert outcome.verdict == alone.verdict


def test_images_wait_unharmed_while_nothing_can_decode_them(
    send: SendPictures, detectors: Detectors, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send([picture(seed) for seed in range(3)])
    monkeypatch.setattr(pipeline, "AWAY_SECONDS", 0)
    monkeypatch.setattr(pipeline, "decoders", Decoders(1, seconds=3, memory_bytes=2**30))

    with monkeypatch.context() as patched:
        patched.setattr(decoders, "serve", decoding.end_at_once)
        for _ in range(settings.MAX_ATTEMPTS + 1):
            assert pipeline.work(LANE, detectors=detectors, owner="w1") == 0
    assert set(Analysis.objects.values_list("state", "attempts")) == {("waiting", 0)}

    assert pipeline.work(LANE, detectors=detectors, owner="w1") == 3
