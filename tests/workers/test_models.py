"""Which model judges: the active one at each permit, the one a batch asks for, and a shadow beside them."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from batches import lifecycle, results, store
from batches.claims import Claim
from batches.errors import StorageAway
from batches.lifecycle import Choice
from batches.models import Analysis
from batches.results import Outcome
from detector import Detector
from detector.card import Card
from registry import bundles, versions
from registry.models import ShadowScore
from registry.serving import Detectors
from tests.registry import samples
from tests.system import System, form, running
from tests.workers.conftest import SendPictures, picture
from workers import pipeline

LANE = "interactive"


@pytest.fixture
def other(transactional_db: None, tmp_path: Path) -> Card:
    """Imported; it gives everything the score of a fake."""
    card = samples.make(tmp_path / "bundle")
    versions.take_in(tmp_path / "bundle", by=None)
    return card


@pytest.fixture
def detectors() -> Detectors:
    """Of this test alone: another's may hold open what is gone."""
    return Detectors(threads=2, pool=1, room=3)


def test_a_permit_judges_with_the_version_that_is_active_when_it_is_used(
    send: SendPictures, other: Card, detectors: Detectors, detector: Detector, settings: Settings
) -> None:
    settings.CHUNK = 2
    send([picture(seed) for seed in range(4)])

    pipeline.work(LANE, detectors=detectors, owner="w1")
    versions.activate(other.version, by=None)
    pipeline.work(LANE, detectors=detectors, owner="w1")

    judged = list(Analysis.objects.order_by("ordinal"))
    assert [analysis.model_version for analysis in judged] == [detector.version] * 2 + [other.version] * 2
    assert all((analysis.fake_probability or 0) > 0.99 for analysis in judged[2:])


def test_a_claim_of_mixed_batches_gives_each_image_the_model_its_batch_asks_for(
    send: SendPictures, other: Card, detectors: Detectors, detector: Detector
) -> None:
    old = send([picture(seed) for seed in range(3)])
    pipeline.work(LANE, detectors=detectors, owner="w1")
    again = lifecycle.repeat(old, model_version=other.version, choice=Choice())
    plain = lifecycle.repeat(old, model_version=detector.version, choice=Choice())

    assert pipeline.work(LANE, detectors=detectors, owner="w1") == 6

    assert set(again.analyses.values_list("model_version")) == {(other.version,)}
    assert all((analysis.fake_probability or 0) > 0.99 for analysis in again.analyses.all())
    scores = [list(batch.analyses.order_by("ordinal").values_list("fake_probability")) for batch in (old, plain)]
    assert scores[0] == scores[1]


def test_a_version_asked_for_that_is_gone_fails_its_own_images_and_no_others(
    send: SendPictures, other: Card, detectors: Detectors
) -> None:
    old = send([picture(0), picture(1)])
    pipeline.work(LANE, detectors=detectors, owner="w1")
    again = lifecycle.repeat(old, model_version=other.version, choice=Choice())
    Analysis.objects.filter(batch=old).update(state="waiting", attempts=0, verdict="", finished_at=None)
    old.refresh_from_db()
    old.waiting, old.done, old.not_assessed = 2, 0, 0
    old.save()
    shutil.rmtree(bundles.folder_of(other.version))

    pipeline.work(LANE, detectors=detectors, owner="w1")

    assert set(old.analyses.values_list("state", flat=True)) == {"done"}
    assert set(again.analyses.values_list("state", "error_code")) == {("failed", "bundle_missing")}


def test_a_shadow_scores_every_image_the_active_version_judged(
    send: SendPictures, other: Card, detectors: Detectors, detector: Detector
) -> None:
    versions.start_shadow(other.version)
    batch = send([picture(0), b"not an image", picture(1)])

    pipeline.work(LANE, detectors=detectors, owner="w1")
    lifecycle.repeat(batch, model_version=other.version, choice=Choice())
    pipeline.work(LANE, detectors=detectors, owner="w1")

    judged = batch.analyses.filter(state="done").order_by("ordinal")
    assert {analysis.model_version for analysis in judged} == {detector.version}
    scores = ShadowScore.objects.order_by("analysis__ordinal")
    assert [score.analysis for score in scores] == list(judged)
    assert {(score.model_version.version, score.engine) for score in scores} == {(other.version, samples.ENGINE)}
    assert [score.verdict for score in scores] == [analysis.verdict for analysis in judged]  # no face in either
    assert all(score.fake_probability > 0.99 for score in scores)


def test_results_stand_where_the_shadow_cannot_have_the_images(
    send: SendPictures, other: Card, detectors: Detectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.start_shadow(other.version)
    send([picture(0)])
    record = results.record

    def record_and_lose_the_storage(claim: Claim, outcomes: Sequence[Outcome]) -> int:
        monkeypatch.setattr(store, "read", out_of_reach)
        return record(claim, outcomes)

    monkeypatch.setattr(results, "record", record_and_lose_the_storage)

    assert pipeline.work(LANE, detectors=detectors, owner="w1") == 1
    assert not ShadowScore.objects.exists()


def out_of_reach(sha256: str) -> bytes:
    raise StorageAway


@pytest.mark.servers
def test_a_running_worker_changes_over_at_its_next_permit(tmp_path: Path) -> None:
    card = samples.make(tmp_path / "bundle")
    with running(tmp_path / "home") as system:
        token = system.token("upload", "read", "models")
        worker = system.child("worker").pid
        judged = [judge_one(system, token, 0)]

        system.call(token, "POST", "/api/v1/models", form("bundle", [samples.pack(tmp_path / "bundle")]))
        system.call(token, "POST", f"/api/v1/models/{card.version}/activate")
        judged.append(judge_one(system, token, 1))
        system.call(token, "POST", "/api/v1/models/rollback")
        judged.append(judge_one(system, token, 2))

        assert system.child("worker").pid == worker
    assert [row["model_version"] == card.version for row in judged] == [False, True, False]
    assert judged[1]["fake_probability"] > 0.99
    assert judged[0]["model_version"] == judged[2]["model_version"]


def judge_one(system: System, token: str, seed: int) -> dict[str, Any]:
    """Sends a picture and waits for its result."""
    sent = system.call(token, "POST", "/api/v1/batches", form("images", [picture(seed)]))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        row = system.call(token, "GET", f"/api/v1/analyses/{sent['accepted'][0]['analysis']}")
        if row["state"] == "done":
            return row
        time.sleep(0.05)
    raise TimeoutError(f"no result for {sent}")
