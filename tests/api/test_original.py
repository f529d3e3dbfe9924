"""GET /api/v1/analyses/{id}/original."""

import io

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import ExifTags, Image
from pytest_django import Settings

from batches import store
from batches.models import Analysis
from tests.api.conftest import client_of


def somewhere(file_format: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 22.0, 0.0)})
    output = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(output, file_format, exif=exif)
    return output.getvalue()


def send(client: Client, content: bytes, name: str = "face.jpg") -> Analysis:
    client.post("/api/v1/batches", {"images": [SimpleUploadedFile(name, content)]})
    return Analysis.objects.get()


def url_of(analysis: Analysis) -> str:
    return f"/api/v1/analyses/{analysis.id}/original"


def test_the_bytes_come_back_as_they_were_sent_under_their_name(client: Client) -> None:
    analysis = send(client, somewhere(), "Müller.jpg")

    answer = client.get(url_of(analysis))

    assert (answer.status_code, answer.content) == (200, somewhere())
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''M%C3%BCller.jpg"


def test_only_the_owner_and_who_may_use_the_admin_get_the_original(client: Client, stranger: User) -> None:
    analysis = send(client, somewhere())
    assert client_of(stranger).get(url_of(analysis)).status_code == 404

    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    stranger.user_permissions.add(Permission.objects.get(codename="view_analysis"))

    assert client_of(stranger).get(url_of(analysis)).content == somewhere()


def test_where_originals_are_stripped_they_carry_no_place(client: Client, settings: Settings) -> None:
    settings.STRIP_ORIGINALS = True
    analysis = send(client, somewhere())

    answer = client.get(url_of(analysis))

    assert answer.status_code == 200
    assert b"Exif" in somewhere()
    assert b"Exif" not in answer.content
    shown, sent = (Image.open(io.BytesIO(content)) for content in (answer.content, somewhere()))
    assert shown.tobytes() == sent.tobytes()
    assert store.read(analysis.image_id) == somewhere()  # what is stored stays what its name says


def test_where_that_cannot_be_done_the_answer_says_so(client: Client, settings: Settings) -> None:
    settings.STRIP_ORIGINALS = True
    analysis = send(client, somewhere("TIFF"), "scan.tif")

    answer = client.get(url_of(analysis))

    assert (answer.status_code, answer.json()["code"]) == (422, "metadata_stays")
    assert "JPEG, PNG and WebP" in answer.json()["detail"]


def test_what_is_damaged_or_gone_is_not_handed_out(client: Client) -> None:
    analysis = send(client, somewhere())
    path = store.path_of(analysis.image_id)
    path.write_bytes(b"something else")
    damaged = client.get(url_of(analysis))
    path.unlink()
    gone = client.get(url_of(analysis))

    assert (damaged.status_code, damaged.json()["code"]) == (404, "file_corrupt")
    assert (gone.status_code, gone.json()["code"]) == (404, "file_missing")


@pytest.mark.django_db(transaction=True)
def test_after_its_batch_is_deleted_there_is_nothing(client: Client) -> None:
    analysis = send(client, somewhere())

    client.delete(f"/api/v1/batches/{analysis.batch_id}")

    answer = client.get(url_of(analysis))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
