"""One permit: a chunk of images becomes verdicts with evidence, and a broken one fails alone."""

import subprocess
import sys

import numpy as np
import pytest
from django.db import connection
from pytest_django import Settings

from batches import claims, store
from batches.models import Analysis
from detector import Detector
from tests.batches.test_intake import HOLD_LOCK
from tests.workers.conftest import SendPictures, picture
from workers import pipeline

LANE = "interactive"


def test_every_image_gets_the_verdict_it_would_get_by_itself(send: SendPictures, detector: Detector) -> None:
    pictures = [picture(seed) for seed in range(11)]
    batch = send(pictures)

    assert pipeline.work(LANE, detector=detector, owner="w1") == 11

    for content, analysis in zip(pictures, Analysis.objects.order_by("ordinal"), strict=True):
        (alone,) = detector.analyse(detector.prepare(content)[None])
        assert analysis.fake_probability == pytest.approx(alone.fake_probability, abs=1e-4)
        assert analysis.verdict == alone.verdict
        assert np.allclose(np.array(analysis.map), alone.map, atol=1e-3)
        assert (analysis.model_version, analysis.engine) == (detector.version, detector.engine_name)
        assert analysis.decode_ms
        assert analysis.forward_ms
    batch.refresh_from_db()
    assert (batch.done, batch.waiting, batch.running) == (11, 0, 0)
    assert batch.finished_at


def test_a_broken_file_fails_alone(send: SendPictures, detector: Detector) -> None:
    contents = [picture(0), picture(1)[:-200], b"not an image", b"", picture(2), picture(3), picture(4)]
    batch = send(contents)
    gone, changed = (store.path_of(analysis.image_id) for analysis in Analysis.objects.order_by("ordinal")[4:6])
    gone.unlink()
    changed.write_bytes(picture(9))

    pipeline.work(LANE, detector=detector, owner="w1")

    analyses = list(Analysis.objects.order_by("ordinal"))
    assert [analysis.state for analysis in analyses] == ["done", *["failed"] * 5, "done"]
    codes = [analysis.error_code for analysis in analyses[1:-1]]
    assert codes == ["truncated_image", "unsupported_format", "empty_file", "file_missing", "file_corrupt"]
    assert all(analysis.error_detail for analysis in analyses[1:-1])
    batch.refresh_from_db()
    assert (batch.done, batch.failed) == (2, 5)


def test_a_permit_takes_one_chunk(send: SendPictures, detector: Detector, settings: Settings) -> None:
    settings.CHUNK = 4
    send([picture(seed) for seed in range(6)])

    assert [pipeline.work(LANE, detector=detector, owner="w1") for _ in range(3)] == [4, 2, 0]


def test_what_was_tried_before_goes_alone_and_need_not_wait_for_an_empty_lane(
    send: SendPictures, detector: Detector, settings: Settings
) -> None:
    settings.CHUNK = 3
    send([picture(seed) for seed in range(8)])
    claims.take(LANE, 3, owner="dead")
    claims.release("dead")

    ended = [pipeline.work(LANE, detector=detector, owner="w1") for _ in range(4)]

    assert ended == [4, 3, 1, 0]  # three new and one alone; two new and one alone; the last alone
    assert sorted(Analysis.objects.values_list("attempts", flat=True)) == [1] * 5 + [2] * 3


@pytest.mark.sqlite_only
def test_a_worker_outwaits_a_locked_database(send: SendPictures, detector: Detector) -> None:
    send([picture(0)])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    command = [sys.executable, "-c", HOLD_LOCK, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()

        assert pipeline.work(LANE, detector=detector, owner="w1") == 1
