"""/api/v1/models: everybody may look, the staff may change."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from batches.models import Analysis, Batch
from batches.results import Scored
from detector.card import Card
from registry import shadows, versions
from tests.api.conftest import client_of
from tests.registry import samples

URL = "/api/v1/models"


@pytest.fixture
def staff(db: None) -> Client:
    return client_of(User.objects.create_user("grace", is_staff=True))


@pytest.fixture
def other(tmp_path: Path, db: None) -> Card:
    card = samples.make(tmp_path / "bundle")
    versions.take_in(tmp_path / "bundle", by=None)
    return card


def form(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"bundle": SimpleUploadedFile("bundle.zip", content)}


def test_the_list_shows_every_version_and_who_let_which_judge(client: Client, staff: Client, other: Card) -> None:
    staff.post(f"{URL}/{other.version}/activate")

    answer = client.get(URL).json()

    states = {row["version"]: (row["state"], row["is_shipped"]) for row in answer["results"]}
    assert states.pop(other.version) == ("active", False)
    assert list(states.values()) == [("available", True)]
    shipped = next(iter(states))
    assert answer["activations"][0].items() >= {
        "version": other.version, "previous": shipped, "kind": "chosen", "by": "grace"
    }.items()  # fmt: skip
    assert answer["activations"][1].items() >= {"version": shipped, "previous": None, "by": None}.items()


def test_one_version_shows_its_card_files_and_figures(client: Client, other: Card) -> None:
    answer = client.get(f"{URL}/{other.version}").json()

    assert answer["card"]["engines"].keys() == other.engines.keys()
    assert answer["files"][other.head.file] == other.head.sha256
    assert answer["test"]["n"] == other.metrics[samples.ENGINE].n
    assert answer["shadow"] == {"n": 0, "agreement": None, "mean_difference": None}
    missing = client.get(f"{URL}/nobody-12345678")
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")


def test_an_import_is_checked_kept_and_not_activated(staff: Client, tmp_path: Path) -> None:
    card = samples.make(tmp_path / "bundle")

    answer = staff.post(URL, form(samples.pack(tmp_path / "bundle")))

    assert (answer.status_code, answer["Location"]) == (201, f"{URL}/{card.version}")
    assert answer.json().items() >= {"version": card.version, "state": "available", "imported_by": "grace"}.items()


def test_a_bundle_with_a_foreign_file_is_refused_and_nothing_is_kept(
    staff: Client, tmp_path: Path, settings: Settings
) -> None:
    samples.make(tmp_path / "bundle")
    packed = io.BytesIO(samples.pack(tmp_path / "bundle"))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../evil.json", "{}")

    answer = staff.post(URL, form(packed.getvalue()))

    assert (answer.status_code, answer.json()["code"]) == (422, "bundle_refused")
    assert "evil" in answer.json()["detail"]
    assert list(settings.INCOMING.iterdir()) == []
    assert len(staff.get(URL).json()["results"]) == 1


def test_a_form_without_a_bundle_is_named(staff: Client) -> None:
    answer = staff.post(URL, {"images": SimpleUploadedFile("bundle.zip", b"x")})

    assert (answer.status_code, answer.json()["code"]) == (400, "no_files")


def test_activate_roll_back_and_shadow(staff: Client, other: Card) -> None:
    activated = staff.post(f"{URL}/{other.version}/activate").json()
    back = staff.post(f"{URL}/rollback").json()
    shadow = staff.post(f"{URL}/{other.version}/shadow").json()

    assert (activated["version"], activated["state"]) == (other.version, "active")
    assert (back["version"] != other.version, back["state"]) == (True, "active")
    assert (shadow["version"], shadow["state"]) == (other.version, "shadow")
    itself = staff.post(f"{URL}/{back['version']}/shadow")
    assert (itself.status_code, itself.json()["code"]) == (409, "already_active")
    assert staff.delete(f"{URL}/{other.version}/shadow").status_code == 204
    assert staff.get(f"{URL}/{other.version}").json()["state"] == "available"
    nothing = staff.post(f"{URL}/rollback")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_before")


def test_a_user_may_look_and_change_nothing(client: Client, other: Card) -> None:
    one = f"{URL}/{other.version}"
    answers = [
        client.post(URL, form(b"x")),
        client.post(f"{one}/activate"),
        client.post(f"{one}/shadow"),
        client.delete(f"{one}/shadow"),
        client.post(f"{URL}/rollback"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "permission_denied")}
    assert client.get(one).json()["state"] == "available"


def test_a_shadow_is_summed_up_beside_the_active_version_and_shown_nowhere_else(
    client: Client, other: Card, batch: Callable[..., Batch]
) -> None:
    made = batch(0.9, 0.8, 0.25, 0.3)
    earlier, *judged = made.analyses.order_by("ordinal")
    shipped = client.get("/api/v1/model").json()["version"]
    Analysis.objects.filter(id__in=[analysis.id for analysis in judged]).update(model_version=shipped)
    versions.start_shadow(other.version)
    before = client.get("/api/v1/analyses").json()

    says_fake = Scored(0.75, "fake", [], other.version, samples.ENGINE, 1, 1)
    for _ in range(2):  # written twice, kept once
        shadows.record(other.version, {analysis.id: says_fake for analysis in (earlier, *judged)})

    summary = client.get(f"{URL}/{other.version}").json()["shadow"]
    assert summary == {
        "n": 3, "agreement": pytest.approx(1 / 3), "mean_difference": pytest.approx((-0.05 + 0.5 + 0.45) / 3)
    }  # fmt: skip
    assert client.get("/api/v1/analyses").json() == before
