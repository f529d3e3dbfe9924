"""Forms, JSON and files made to harm: nothing crashes, nothing is held in memory, nothing comes back as it was sent."""

import io
import json

import pytest
from django.conf import settings as installed
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from batches.models import Analysis, Batch
from tests.api.conftest import picture
from tests.api.test_upload_refused import FORM, form

BATCHES = "/api/v1/batches"


def part(name: str, content: bytes = b"x", disposition: str = "") -> bytes:
    return f'--frontier\r\nContent-Disposition: form-data; name="{name}"{disposition}\r\n\r\n'.encode() + content


BAD_PARTS = {
    "101 fields": b"\r\n".join([part("name")] * 101),
    "a field's name of 100,000 letters": part("x" * 100_000),
    "a file's name of 5,000 letters": part("images", picture(), f'; filename="{"x" * 5000}.jpg"'),
    "a header that never ends": b"--frontier\r\nX-Padding: " + b"x" * 200_000 + b"\r\n\r\nx",
}


@pytest.mark.parametrize("parts", BAD_PARTS.values(), ids=BAD_PARTS.keys())
@pytest.mark.parametrize("url", [BATCHES, "/predict"])
def test_parts_that_are_out_of_all_proportion_are_refused(client: Client, url: str, parts: bytes) -> None:
    answer = client.post(url, parts + b"\r\n--frontier--\r\n", FORM)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert not Batch.objects.exists()


def test_json_out_of_all_proportion_is_refused_before_it_is_understood(db: None) -> None:
    """By the login, which anybody may send something."""
    large = json.dumps({"username": "ada", "password": "x" * installed.DATA_UPLOAD_MAX_MEMORY_SIZE})

    answer = Client().post("/api/v1/session", large, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert "1 MB" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("url", "body"),
    [("/api/v1/session", b"<user>ada</user>"), ("/api/v1/tokens", b"name=a")],
)
def test_other_kinds_of_body_are_not_read(owner: User, url: str, body: bytes) -> None:
    browser = Client()
    browser.force_login(owner)

    for kind in ("text/xml", "application/x-www-form-urlencoded", "application/x-yaml"):
        answer = browser.post(url, body, kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_json_nested_without_end_is_no_error_of_ours(db: None) -> None:
    answer = Client(raise_request_exception=False).post("/api/v1/session", "[" * 100_000, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_an_image_that_is_a_web_page_too_comes_back_as_an_image_alone(client: Client) -> None:
    """A polyglot is accepted: it is an image. What is shown is drawn anew from its pixels."""
    script = b"<html><script>alert(document.cookie)</script></html>"
    polyglot = picture(comment=script) + script + b"PK\x03\x04"
    client.post(BATCHES, {"images": [SimpleUploadedFile("<img src=x onerror=alert(1)>.html", polyglot)]})
    analysis = Analysis.objects.get()

    for kind in ("image", "thumbnail"):
        answer = client.get(f"/api/v1/analyses/{analysis.id}/{kind}", headers={"accept": "text/html"})
        assert answer.status_code == 200
        assert b"script" not in answer.content
        assert b"PK" not in answer.content[-8:]
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Content-Disposition"].startswith("inline; filename=")
        assert ".html" not in answer["Content-Disposition"]


def test_what_was_sent_comes_back_as_a_download_alone(client: Client) -> None:
    """One address hands the stored bytes out, and no browser takes what it answers for a page."""
    sent = picture("teal", comment=b"<script>as it was sent</script>")
    client.post(BATCHES, {"images": [SimpleUploadedFile("page.html", sent)]})
    analysis = Analysis.objects.get()
    urls = [f"/api/v1/analyses/{analysis.id}{end}" for end in ("", "/image", "/thumbnail", "/evidence")]

    answer = client.get(f"/api/v1/analyses/{analysis.id}/original", headers={"accept": "text/html"})

    assert all(sent not in client.get(url).content for url in urls)
    assert (answer.status_code, answer.content) == (200, sent)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("intake\u202egnp.exe", "intakegnp.exe"),
        ("a\u0000b\u0007c\u200bd", "abcd"),
        ("Cafe\u0301", "Café"),
        ("one\u2028two", "onetwo"),
    ],
)
def test_a_batchs_name_is_shown_without_what_would_turn_it_round(client: Client, sent: str, shown: str) -> None:
    body = form(("a.jpg", picture())).replace(b"--frontier\r\n", part("name", sent.encode()) + b"\r\n--frontier\r\n", 1)

    answer = client.post(BATCHES, body, FORM)

    if "\0" in sent:
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    else:
        assert answer.json()["batch"]["name"] == shown


def test_a_star_among_the_trusted_origins_opens_nothing(db: None, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["*"]

    answer = Client().get("/api/v1/session", headers={"origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("limit", "status", "code"),
    [("MAX_WAITING_IMAGES", 429, "quota_exceeded"), ("MAX_BACKLOG_IMAGES", 503, "backlog_full")],
)
def test_more_than_may_wait_is_told_with_the_time_to_come_back(
    client: Client, settings: Settings, limit: str, status: int, code: str
) -> None:
    setattr(settings, limit, 1)

    first = client.post(BATCHES, {"images": [io.BytesIO(picture())]})
    too_many = client.post(BATCHES, {"images": [io.BytesIO(picture("plum"))]})
    unread = client.post(BATCHES, b"not even a form", "text/plain")

    assert first.status_code == 202
    for answer in (too_many, unread):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert int(answer["Retry-After"]) > 0
    assert Analysis.objects.count() == 1
