"""Scores that shift are told against the card where it knows them, else against the results before."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from batches.models import Analysis, Batch, Image
from detector import bundle
from detector.card import SCORE_BINS
from registry import versions
from registry.models import ModelVersion
from status import drift, metrics
from tests.conftest import ROOT


@pytest.fixture
def version(db: None) -> str:
    """The active one, whose card tells nothing of its scores."""
    row = ModelVersion.objects.get(state="active")
    for engine in row.card["engines"].values():
        del engine["score_shares"]
    row.save()
    return row.version


def judged(version: str, scores: Sequence[float], *, hours_ago: int = 0, verdict: str = "real") -> None:
    owner, _ = User.objects.get_or_create(username="ada")
    count = len(scores)
    batch = Batch.objects.create(owner=owner, name="b", lane="bulk", total=count, done=count, **{verdict: count})
    file = {"format": "JPEG", "width": 8, "height": 8, "byte_size": 1}
    image, _ = Image.objects.get_or_create(sha256="0" * 64, defaults=file)
    Analysis.objects.bulk_create(
        Analysis(
            batch=batch,
            image=image,
            ordinal=place,
            filename="a.jpg",
            lane="bulk",
            state="done",
            verdict=verdict,
            fake_probability=score,
            model_version=version,
            engine="litert-int8",
        )
        for place, score in enumerate(scores)
    )
    Analysis.objects.filter(batch=batch).update(created_at=timezone.now() - timedelta(hours=hours_ago))


def even(count: int, low: float = 0.0, high: float = 1.0) -> list[float]:
    return [low + (high - low) * (place + 0.5) / count for place in range(count)]


def test_nothing_is_told_before_the_first_result(version: str) -> None:
    assert drift.measure() is None


def test_few_results_have_a_mean_but_no_shift(version: str) -> None:
    judged(version, [0.2, 0.4])

    found = drift.measure()

    assert found
    assert found.mean == pytest.approx(0.3)
    assert (found.results, found.shift) == (2, None)
    assert found.variance == pytest.approx(0.01)
    assert found.verdicts["real"] == 1.0


@pytest.mark.parametrize(("low", "least", "most"), [(0.0, 0.0, 0.02), (0.5, 0.25, 20.0)])
def test_the_latest_are_held_against_those_before(version: str, low: float, least: float, most: float) -> None:
    judged(version, even(drift.WINDOW), hours_ago=5)
    judged(version, even(drift.WINDOW, low))

    found = drift.measure()

    assert found
    assert found.against == "window_before"
    assert found.shift is not None
    assert least <= found.shift <= most


def test_a_card_that_tells_its_scores_goes_first(version: str) -> None:
    row = ModelVersion.objects.get(version=version)
    row.card["engines"]["litert-int8"]["score_shares"] = [0.1] * 10
    row.save()
    judged(version, even(drift.FEWEST, 0.0, 0.1))

    found = drift.measure()

    assert found
    assert found.against == "card"
    assert found.shift is not None
    assert found.shift > 0.25


def test_a_bundle_that_tells_its_scores_is_what_metrics_and_the_page_compare_with(
    version: str, admin_client: Client
) -> None:
    card = bundle.load(ROOT / "models" / "best").card
    engine = replace(card.engines["litert-int8"], score_shares=(0.5, *[0.0] * 8, 0.5))
    versions.enter(replace(card, engines={**card.engines, "litert-int8": engine}), by=None)
    judged(version, [*even(drift.FEWEST // 2, 0.0, 0.1), *even(drift.FEWEST // 2, 0.9, 1.0)])

    told = metrics.expose().decode()
    page = admin_client.get("/admin/status/").content.decode()

    shift = re.search(rf'^assay_score_shift{{against="card",model="{version}"}} (\S+)$', told, re.MULTILINE)
    assert shift
    assert 0 < float(shift[1]) < 0.1
    assert "against the card" in page


def test_without_enough_results_or_anything_to_compare_with_no_shift_is_told(version: str) -> None:
    judged(version, even(drift.FEWEST))  # more than enough, but neither a card's scores nor earlier ones

    assert "assay_score_shift{" not in metrics.expose().decode()


def test_a_bundle_and_the_watch_over_it_count_the_same_bins() -> None:
    assert drift.BINS == SCORE_BINS


def test_what_was_not_assessed_does_not_count(version: str) -> None:
    judged(version, [0.9, 0.9], verdict="not_assessed")
    judged(version, [0.1])

    found = drift.measure()

    assert found
    assert found.mean == pytest.approx(0.1)
    assert found.verdicts["not_assessed"] == pytest.approx(2 / 3)


def test_the_index_is_that_of_the_literature() -> None:
    assert drift.stability_index([0.5, 0.5], [0.5, 0.5]) == 0
    # (0.6 - 0.4) ln(0.6/0.4) + (0.4 - 0.6) ln(0.4/0.6)
    assert drift.stability_index([0.6, 0.4], [0.4, 0.6]) == pytest.approx(0.16219, abs=1e-5)
