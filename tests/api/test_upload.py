"""POST /api/v1/batches and /api/v1/batches/{id}/images with files that are fine."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from batches import store
from batches.models import Analysis, Batch
from tests.api.conftest import PASSWORD, picture

URL = "/api/v1/batches"
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]


def file(content: bytes, name: str = "face.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def zip_of(**entries: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return output.getvalue()


def test_accepted_images_are_rows_and_files_when_the_answer_comes(client: Client, owner: User) -> None:
    contents = [picture("teal"), picture("plum")]

    images = [file(content, f"{number}.jpg") for number, content in enumerate(contents)]

    answer = client.post(URL, {"images": images, "name": "two"})

    assert answer.status_code == 202
    body = answer.json()
    assert answer["Location"] == f"{URL}/{body['batch']['id']}"
    assert client.get(answer["Location"]).json() == body["batch"]
    assert (body["batch"]["name"], body["batch"]["total"], body["batch"]["counts"]["waiting"]) == ("two", 2, 2)
    assert [entry["filename"] for entry in body["accepted"]] == ["0.jpg", "1.jpg"]
    rows = Analysis.objects.order_by("ordinal")
    assert [str(row.id) for row in rows] == [entry["analysis"] for entry in body["accepted"]]
    assert [store.read(row.image_id) for row in rows] == contents


@pytest.mark.parametrize("format", FORMATS)
def test_formats_are_told_by_their_bytes_and_not_by_name(client: Client, format: str) -> None:
    answer = client.post(URL, {"images": [file(picture(format=format), "notes.txt")]})

    assert answer.status_code == 202
    row = client.get(f"/api/v1/analyses/{answer.json()['accepted'][0]['analysis']}").json()
    assert (row["format"], row["width"], row["height"]) == (format, 40, 30)


def test_a_zip_is_opened_whatever_its_name(client: Client) -> None:
    archive = zip_of(**{"a/one.jpg": picture("teal"), "a/two.jpg": picture("plum"), "a/readme.txt": b"hello"})

    body = client.post(URL, {"images": [file(archive, "faces.jpg"), file(picture("gold"), "three.jpg")]}).json()

    assert [entry["filename"] for entry in body["accepted"]] == ["one.jpg", "two.jpg", "three.jpg"]
    assert [(entry["filename"], entry["code"]) for entry in body["rejected"]] == [("readme.txt", "unsupported_format")]


def test_the_same_bytes_twice_are_two_analyses_of_one_file(client: Client, folders: Path) -> None:
    body = client.post(URL, {"images": [file(picture(), "a.jpg"), file(picture(), "b.jpg")]}).json()

    assert len(body["accepted"]) == 2
    assert [path.name for path in folders.glob("files/*/*/*")] == [hashlib.sha256(picture()).hexdigest()]


def test_images_are_added_to_a_batch(client: Client) -> None:
    first = client.post(URL, {"images": [file(picture("teal"))]}).json()

    answer = client.post(f"{URL}/{first['batch']['id']}/images", {"images": [file(picture("plum"))]})

    assert answer.status_code == 202
    assert answer.json()["batch"]["id"] == first["batch"]["id"]
    assert answer.json()["batch"]["total"] == 2


def test_a_full_batch_says_so_for_each_file(client: Client, settings: Settings) -> None:
    settings.MAX_IMAGES_PER_BATCH = 1
    body = client.post(URL, {"images": [file(picture("teal"), "a.jpg"), file(picture("plum"), "b.jpg")]}).json()
    assert [(entry["filename"], entry["code"]) for entry in body["rejected"]] == [("b.jpg", "batch_full")]

    answer = client.post(f"{URL}/{body['batch']['id']}/images", {"images": [file(picture("gold"), "c.jpg")]})

    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_accepted")
    assert answer.json()["rejected"][0]["code"] == "batch_full"
    assert Analysis.objects.count() == 1


def test_a_session_sends_its_csrf_token_in_the_header(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.post("/api/v1/session", {"username": "ada", "password": PASSWORD}, "application/json")
    token = browser.cookies["csrftoken"].value

    refused = browser.post(URL, {"images": [file(picture())]})
    in_the_form = browser.post(URL, {"images": [file(picture())], "csrfmiddlewaretoken": token})
    accepted = browser.post(URL, {"images": [file(picture())]}, headers={"X-CSRFToken": token})

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert in_the_form.status_code == 403
    assert accepted.status_code == 202


def test_a_name_from_the_sender_is_shown_and_never_a_path(client: Client, folders: Path) -> None:
    body = client.post(URL, {"images": [file(picture(), "..\\..\\etc\\pass\u202ewd.jpg")]}).json()

    assert body["accepted"][0]["filename"] == "passwd.jpg"


def test_without_a_broker_an_upload_is_accepted_all_the_same(
    client: Client, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as rings:
        answer = client.post(URL, {"images": [file(picture())]})

    assert len(rings) == 1
    assert answer.status_code == 202
    assert Batch.objects.get().waiting == 1
