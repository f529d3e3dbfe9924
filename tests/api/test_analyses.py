"""GET /api/v1/analyses and /api/v1/analyses/{id}."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from batches.models import Analysis, Batch, Lean, Strength
from batches.models import Image as StoredImage
from detector import strength
from detector.card import Bands, ErrorRate, Interval
from registry import versions
from tests.api.conftest import client_of
from tests.registry import samples

URL = "/api/v1/analyses"
QUALITY = {"jpeg_quality": 84, "sharpness": 0.6, "fine_detail": -0.5, "is_greyscale": False, "face_px": 100}
MakeBatch = Callable[..., Batch]


def walk(client: Client, **query: str | int | UUID) -> Iterator[dict[str, object]]:
    """Every row, page after page."""
    cursor: str | None = ""
    while cursor is not None:
        asked = {name: str(value) for name, value in query.items()} | ({"cursor": cursor} if cursor else {})
        page = client.get(URL, asked).json()
        yield from page["results"]
        cursor = page["next_cursor"]


def test_a_row_says_all_that_a_list_shows(client: Client, batch: MakeBatch) -> None:
    batch(0.9)

    [row] = client.get(URL).json()["results"]

    assert row.pop("image_url") == f"{URL}/{row['id']}/image"
    assert row.pop("thumbnail_url") == f"{URL}/{row['id']}/thumbnail"
    assert row == {
        "id": str(Analysis.objects.get().id),
        "batch": str(Batch.objects.get().id),
        "ordinal": 0,
        "filename": "0.jpg",
        "state": "done",
        "verdict": "fake",
        "result": "FAKE",
        "fake_probability": 0.9,
        "confidence": 90.0,
        "strength": None,
        "likelihood_ratio": None,
        "lean": None,
        "reasons": [],
        "stability": None,
        "frames": None,
        "model_version": "finetuned-1",
        "error": None,
        "width": 8,
        "height": 8,
        "finished_at": None,
    }


def test_a_failed_row_says_why_and_has_no_score(client: Client, batch: MakeBatch) -> None:
    batch(None)

    [row] = client.get(URL).json()["results"]

    assert row["error"] == {"code": "truncated_image", "detail": "It ends."}
    assert [row[name] for name in ("verdict", "result", "fake_probability", "confidence")] == [None] * 4


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("ordering", ["ordinal", "fake_probability", "-fake_probability"])
def test_pages_together_hold_every_row_once_in_order(
    client: Client, batch: MakeBatch, ordering: str, limit: int
) -> None:
    """Equal scores, and rows without any, lie across the borders of pages."""
    scores = [0.5, None, 0.1, 0.5, 0.5, None, 0.9, 0.5, None, 0.1]
    batch(*scores)

    rows = list(walk(client, batch=Batch.objects.get().id, ordering=ordering, limit=limit))

    assert sorted(str(row["ordinal"]) for row in rows) == sorted(str(place) for place in range(10))
    found = [row["fake_probability"] for row in rows]
    if ordering == "ordinal":
        assert found == scores
    else:
        known = sorted(score for score in scores if score is not None)
        assert found == (known if ordering == "fake_probability" else known[::-1]) + [None] * 3


def test_rows_that_arrive_while_somebody_pages_shift_nothing(client: Client, batch: MakeBatch) -> None:
    batch(0.1, 0.2, 0.3, 0.4)
    rows = walk(client, ordering="-fake_probability", limit=2)
    first = [next(rows)["fake_probability"], next(rows)["fake_probability"]]

    batch(0.95, 0.05)

    assert first + [row["fake_probability"] for row in rows] == [0.4, 0.3, 0.2, 0.1, 0.05]


@pytest.mark.parametrize(
    ("query", "places"),
    [({"verdict": "fake"}, [1]), ({"state": "failed"}, [2]), ({"state": "done"}, [0, 1]), ({"verdict": "real"}, [0])],
)
def test_filters_leave_what_was_asked_for(
    client: Client, batch: MakeBatch, query: dict[str, str], places: list[int]
) -> None:
    batch(0.1, 0.9, None)

    assert [row["ordinal"] for row in walk(client, **query)] == places


def test_a_batch_can_be_asked_for_alone(client: Client, batch: MakeBatch) -> None:
    wanted, _ = batch(0.1, 0.2), batch(0.3)

    assert {row["batch"] for row in walk(client, batch=wanted.id)} == {str(wanted.id)}


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "501"},
        {"limit": "0"},
        {"limit": "x"},
        {"batch": "x"},
        {"verdict": "x"},
        {"state": "x"},
        {"ordering": "id"},
    ],
)
def test_a_question_that_makes_no_sense_is_named_so(client: Client, query: dict[str, str]) -> None:
    answer = client.get(URL, query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] in query


BAD_CURSORS = [
    "x",
    "é",
    "\0",
    *(
        base64.urlsafe_b64encode(text.encode()).decode()
        for text in (
            "1",
            "[]",
            "[1]",
            '["a", "b"]',
            '[1, "no-uuid"]',
            '[NaN, "00000000-0000-4000-8000-000000000000"]',
            '[1e999, "00000000-0000-4000-8000-000000000000"]',
            '[1000000000000000000000000, "00000000-0000-4000-8000-000000000000"]',
            f'[1{"0" * 400}, "00000000-0000-4000-8000-000000000000"]',
            '["0001-01-01T00:00:00+14:00", "00000000-0000-4000-8000-000000000000"]',
            '[true, "00000000-0000-4000-8000-000000000000"]',
            "[" * 5000,
        )
    ),
]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
@pytest.mark.parametrize("url", [URL, "/api/v1/batches"])
def test_a_cursor_from_elsewhere_is_refused(client: Client, url: str, cursor: str) -> None:
    answer = client.get(url, {"cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid_cursor", "invalid_request"}


def test_one_analysis_shows_its_evidence(client: Client, batch: MakeBatch) -> None:
    batch(0.9, name="the batch")
    now = timezone.now()
    Analysis.objects.update(
        created_at=now,
        started_at=now + timedelta(seconds=2),
        finished_at=now,
        decode_ms=3.5,
        forward_ms=1.5,
        attempts=1,
    )

    row = client.get(f"{URL}/{Analysis.objects.get().id}").json()

    whole = {"x": 0, "y": 0, "width": 8, "height": 8}
    assert row["map"] == {"rows": 2, "columns": 2, "values": [[0.5, -0.25], [0.0, 1.0]]} | whole
    assert row["timings"] == {"decode_ms": 3.5, "forward_ms": 1.5, "waited_ms": 2000.0}
    assert (row["batch_name"], row["sha256"], row["byte_size"]) == ("the batch", "0" * 64, 1)
    assert (row["format"], row["engine"], row["attempts"]) == ("JPEG", "litert-int8", 1)


def test_a_map_says_which_part_of_a_photograph_the_model_saw(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    StoredImage.objects.update(width=1000, height=800)
    quiet = {"x": 20, "y": 20, "width": 100, "height": 100, "fake_probability": 0.1, "verdict": "real"}
    deciding = {"x": 600, "y": 200, "width": 200, "height": 200, "fake_probability": 0.9, "verdict": "fake"}
    Analysis.objects.update(faces=[deciding, quiet])

    area = client.get(f"{URL}/{Analysis.objects.get().id}").json()["map"]

    assert area["width"] == area["height"] == round(200 / 0.68)
    assert area["x"] < 600 < 800 < area["x"] + area["width"] <= 1000
    assert area["y"] < 200 < 400 < area["y"] + area["height"]


def test_a_row_has_the_strength_of_its_verdict_and_the_likelihood_ratio(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    ratio = {"value": 40.0, "low": 15.0, "high": 110.0}
    Analysis.objects.update(strength="moderate_synthetic", likelihood_ratio=ratio)

    [row] = client.get(URL).json()["results"]

    assert (row["strength"], row["likelihood_ratio"], row["lean"]) == ("moderate_synthetic", ratio, None)


def test_an_inconclusive_row_says_where_it_leans_and_why_it_stops(client: Client, batch: MakeBatch) -> None:
    batch(0.4)
    Analysis.objects.update(verdict="inconclusive", lean="camera", reasons=["near_limit"])

    [row] = client.get(URL).json()["results"]

    assert (row["lean"], row["strength"]) == ("camera", None)
    message = "The score lies between the limits for a verdict."
    assert row["reasons"] == [{"code": "near_limit", "effect": "inconclusive", "message": message}]


def test_what_is_not_assessed_has_no_map(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    address = f"{URL}/{Analysis.objects.get().id}"
    assert client.get(address).json()["map"]

    Analysis.objects.update(verdict="not_assessed", reasons=["small_face"])

    assert client.get(address).json()["map"] is None


def test_the_words_of_rows_are_the_detectors() -> None:
    assert set(Strength.values) == set(get_args(strength.Strength))
    assert set(Lean.values) == set(get_args(strength.Lean))


def test_a_row_says_why_its_verdict_is_withheld_or_weakened(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    Analysis.objects.update(verdict="not_assessed", reasons=["no_face", "unstable", "of_tomorrow"], stability=0.75)

    [row] = client.get(URL).json()["results"]

    assert (row["verdict"], row["stability"]) == ("not_assessed", 0.75)
    effects = [(reason["code"], reason["effect"]) for reason in row["reasons"]]
    assert effects == [("no_face", "not_assessed"), ("unstable", "inconclusive"), ("of_tomorrow", "warning")]
    assert row["reasons"][0]["message"].startswith("No face was found")


def test_a_row_says_how_many_frames_were_looked_at(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    Analysis.objects.update(frames={"count": 240, "examined": 16, "deciding": 32}, reasons=["some_frames"])

    [row] = client.get(URL).json()["results"]

    assert row["frames"] == {"count": 240, "examined": 16, "deciding": 32}
    assert (row["verdict"], row["reasons"][0]["effect"]) == ("fake", "warning")


def test_one_analysis_shows_its_faces_and_quality(client: Client, batch: MakeBatch) -> None:
    batch(0.9)
    face = {"x": 10, "y": 20, "width": 100, "height": 101, "fake_probability": 0.9, "verdict": "fake"}
    Analysis.objects.update(faces=[face], quality=QUALITY)

    row = client.get(f"{URL}/{Analysis.objects.get().id}").json()

    assert (row["faces"], row["quality"]) == ([face], QUALITY)
    # Of a version that is not here there are no figures.
    assert (row["thresholds"], row["bands"], row["error_rate"]) == (None, None, None)


@pytest.mark.parametrize(("jpeg_quality", "name"), [(95, None), (70, "middling"), (89, "middling"), (None, None)])
def test_one_analysis_shows_the_error_rate_of_its_version_for_its_quality(
    client: Client, batch: MakeBatch, tmp_path: Path, jpeg_quality: int | None, name: str | None
) -> None:
    bands = Bands(0.01, 0.05, reals=800, fakes=700, false_alarm_bound=0.009, miss_bound=0.06)
    share = Interval(0.02, 0.01, 0.03)
    rate = ErrorRate("middling", {"jpeg_quality": (70, 89)}, 300, 200, share, share, share)
    card = samples.make(tmp_path / "bundle")
    engine = replace(card.engines[samples.ENGINE], bands=bands)
    card = samples.write_card(tmp_path / "bundle", replace(card, engines={samples.ENGINE: engine}, error_rates=(rate,)))
    versions.take_in(tmp_path / "bundle", by=None)
    batch(0.9)
    Analysis.objects.update(model_version=card.version, quality=QUALITY | {"jpeg_quality": jpeg_quality})

    row = client.get(f"{URL}/{Analysis.objects.get().id}").json()

    assert row["thresholds"] == vars(engine.thresholds)
    assert row["bands"] == vars(bands)
    assert (row["error_rate"] and row["error_rate"]["name"]) == name
    if name:
        assert row["error_rate"]["false_alarms"] == {"value": 0.02, "low": 0.01, "high": 0.03}
        assert (row["error_rate"]["reals"], row["error_rate"]["fakes"]) == (300, 200)


def test_an_analysis_that_waits_has_neither_map_nor_timings(client: Client, batch: MakeBatch) -> None:
    batch(None)

    row = client.get(f"{URL}/{Analysis.objects.get().id}").json()

    assert (row["map"], row["timings"], row["started_at"]) == (None, None, None)
    assert (row["faces"], row["quality"], row["bands"], row["error_rate"]) == ([], None, None, None)


def test_everybody_sees_only_their_own(client: Client, stranger: User, batch: MakeBatch) -> None:
    batch(0.9)
    other = client_of(stranger)

    assert other.get(URL).json()["results"] == []
    assert other.get(f"{URL}/{Analysis.objects.get().id}").json()["code"] == "not_found"


def test_a_page_of_500_takes_a_few_queries(client: Client, batch: MakeBatch, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    batch(*[0.5] * 500)

    with django_assert_max_num_queries(4):
        assert len(client.get(URL, {"limit": 500}).json()["results"]) == 500
