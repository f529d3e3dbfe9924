"""POST /predict: the paper's interface, with the shipped model."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import tokens
from api import engine
from detector import Detector
from detector.strength import LikelihoodRatio, StrengthBand
from detector.verdict import Thresholds
from registry import serving, versions
from registry.serving import Detectors
from tests.api.conftest import picture
from tests.conftest import ROOT
from tests.registry import samples

URL = "/predict"


@pytest.fixture(autouse=True)
def local(db: None, settings: Settings) -> None:
    settings.PREDICT_ANONYMOUS = "loopback"


def form(content: bytes = picture(size=(300, 200)), field: str = "image") -> dict[str, SimpleUploadedFile]:
    return {field: SimpleUploadedFile("face.jpg", content)}


def test_the_answer_has_the_papers_two_keys_and_the_rest_is_in_headers() -> None:
    answer = Client().post(URL, form())

    assert answer.status_code == 200
    assert set(answer.json()) == {"result", "confidence"}
    assert answer.json()["result"] in {"FAKE", "REAL"}
    assert 50 <= answer.json()["confidence"] <= 100
    assert answer["X-Model-Version"] == engine.card().version
    assert answer["X-Verdict"] == "not_assessed"  # it has no face
    assert not {"X-Strength", "X-Likelihood-Ratio", "X-Lean"} & set(answer.headers)
    assert answer["X-Request-ID"]


@pytest.mark.parametrize("label", ["real", "fake"])
def test_it_says_what_a_worker_would_say(shared_data: Path, label: str) -> None:
    detector = engine.detector()
    for file in sorted((shared_data / "faces" / "ffhq-stylegan" / label).iterdir())[:6]:
        content = file.read_bytes()
        [expected] = detector.assess([detector.examine(content)])

        answer = Client().post(URL, form(content))

        assert answer.json() == {"result": expected.result, "confidence": expected.confidence}
        assert answer["X-Verdict"] == expected.verdict
        assert answer.headers.get("X-Lean") == expected.lean
        assert ("X-Lean" in answer) == (expected.verdict == "inconclusive")


def test_the_strength_is_in_headers_where_the_model_has_a_scale(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scale = (StrengthBand(0.0, 1.0, LikelihoodRatio(25.0, 12.5, 50.0), fakes=500, reals=20),)
    shipped = Detector.open(settings.BUNDLE)
    entry = replace(shipped.card.engines[shipped.engine_name], strength_scale=scale)
    monkeypatch.setattr(shipped, "_engine_card", replace(entry, thresholds=Thresholds(real_below=0.0, fake_from=0.0)))
    monkeypatch.setattr(engine, "detector", lambda: shipped)
    files = sorted((shared_data / "faces" / "ffhq-stylegan" / "fake").iterdir())

    answers = [Client().post(URL, form(file.read_bytes())) for file in files[:4]]

    told = {(answer["X-Verdict"], answer.get("X-Strength"), answer.get("X-Likelihood-Ratio")) for answer in answers}
    assert ("fake", "moderate_synthetic", "25 (12.5-50)") in told
    assert all(set(answer.json()) == {"result", "confidence"} for answer in answers)


def test_many_at_once_get_each_their_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        engine, "FRESH_SECONDS", 600
    )  # a thread that asked the registry would leave its connection open
    contents = [picture(colour, size=(300, 300)) for colour in ("white", "black", "red", "lime")] * 6
    detector = engine.detector()
    expected = [detector.assess([detector.examine(content)])[0].confidence for content in contents]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda content: Client().post(URL, form(content)).json()["confidence"], contents))

    assert answers == expected


BAD = {
    "no image": ({"other": "x"}, 400, "missing_image"),
    "another field": (form(field="images"), 400, "missing_image"),
    "not an image": (form(b"hello"), 415, "unsupported_format"),
    "empty": (form(b""), 422, "empty_file"),
    "truncated": (form(picture(size=(400, 400))[:3000]), 422, "truncated_image"),
    "25 MB": (form(b"\0" * 25 * 1024 * 1024), 413, "file_too_large"),
}


@pytest.mark.parametrize(("data", "status", "code"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_judged_is_named(data: dict[str, SimpleUploadedFile], status: int, code: str) -> None:
    for file in data.values():
        if isinstance(file, SimpleUploadedFile):
            file.seek(0)
    answer = Client().post(URL, data)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_json_is_not_a_form() -> None:
    answer = Client().post(URL, {"image": "x"}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_it_only_takes_posts() -> None:
    answer = Client().get(URL)

    assert (answer.status_code, answer.json()["code"], answer["Allow"]) == (405, "method_not_allowed", "POST")


@pytest.mark.parametrize(
    ("setting", "address", "proxy", "status"),
    [
        ("loopback", "127.0.0.1", None, 200),
        ("loopback", "::1", None, 200),
        ("loopback", "192.0.2.7", None, 401),
        ("loopback", "127.0.0.1", "192.0.2.7", 401),
        ("loopback", "", None, 401),
        ("always", "192.0.2.7", None, 200),
        ("never", "127.0.0.1", None, 401),
        ("nonsense", "127.0.0.1", None, 401),
    ],
)
def test_who_may_ask_without_a_token(
    settings: Settings, setting: str, address: str, proxy: str | None, status: int
) -> None:
    settings.PREDICT_ANONYMOUS = setting
    headers = {"X-Forwarded-For": proxy} if proxy else {}

    answer = Client(REMOTE_ADDR=address).post(URL, form(), headers=headers)

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "not_authenticated"


def test_a_token_opens_it_from_anywhere_and_a_wrong_one_nowhere(settings: Settings, owner: User) -> None:
    settings.PREDICT_ANONYMOUS = "never"
    text = tokens.issue(owner, "script").text

    right = Client().post(URL, form(), headers={"authorization": f"Bearer {text}"})
    wrong = Client().post(URL, form(), headers={"authorization": f"Bearer {text[:-1]}"})

    assert (right.status_code, wrong.status_code) == (200, 401)


def test_a_session_needs_no_csrf_token_because_it_counts_for_nothing(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)

    assert browser.post(URL, form()).status_code == 200


def test_without_a_model_the_answer_is_503_and_comes_back_by_itself(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = settings.MODELS
    monkeypatch.setattr(engine, "_detector", None)
    monkeypatch.setattr(engine, "_detectors", Detectors(threads=1, pool=1, room=1))
    monkeypatch.setattr(serving, "RETRY_SECONDS", 0)
    settings.MODELS = tmp_path

    missing = Client().post(URL, form())
    settings.MODELS = models
    back = Client().post(URL, form())

    assert (missing.status_code, missing.json()["code"]) == (503, "bundle_missing")
    assert back.status_code == 200


def test_it_changes_over_with_the_active_version_without_a_restart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "FRESH_SECONDS", 0)
    shipped = engine.card().version
    other = samples.make(tmp_path / "bundle").version
    versions.take_in(tmp_path / "bundle", by=None)
    seen = [Client().post(URL, form())["X-Model-Version"]]

    versions.activate(other, by=None)
    seen.append(Client().post(URL, form())["X-Model-Version"])
    versions.roll_back(by=None)
    seen.append(Client().post(URL, form())["X-Model-Version"])

    assert seen == [shipped, other, shipped]


def test_the_registry_is_not_asked_for_every_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FRESH_SECONDS", 60)
    Client().post(URL, form())

    with CaptureQueriesContext(connection) as asked:
        Client().post(URL, form())

    assert [query["sql"] for query in asked if "registry" in query["sql"]] == []


def test_no_tensorflow_comes_into_the_web_process_with_a_prediction() -> None:
    script = """
import io, os, sys
sys.path[:0] = [".", "platform"]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from django.core.management import call_command
call_command("migrate", verbosity=0)
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
content = io.BytesIO()
Image.new("RGB", (64, 64)).save(content, "PNG")
answer = Client(headers={"host": "localhost"}).post("/predict", {"image": SimpleUploadedFile("a", content.getvalue())})
assert answer.status_code == 200, answer.content
sys.exit(" ".join({"tensorflow", "keras", "torch"} & sys.modules.keys()) or 0)
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
