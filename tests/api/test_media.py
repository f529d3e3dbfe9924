"""GET /api/v1/analyses/{id}/image and /thumbnail."""

import io
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from PIL import ExifTags, Image
from pytest_django import Settings

from batches import store
from batches.models import Analysis
from tests.api.conftest import client_of, picture
from tests.system import free_port


@pytest.fixture
def analysis(client: Client) -> Analysis:
    """A large photo that lies on its side, taken somewhere."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Secret Camera"
    content = picture(size=(3000, 1000), exif=exif)
    client.post("/api/v1/batches", {"images": [SimpleUploadedFile('../ä"\r\n.png', content)]})
    return Analysis.objects.get()


@pytest.mark.parametrize(("kind", "size"), [("image", (683, 2048)), ("thumbnail", (107, 320))])
def test_a_picture_is_upright_small_enough_and_tells_nothing_else(
    client: Client, analysis: Analysis, kind: str, size: tuple[int, int]
) -> None:
    answer = client.get(f"/api/v1/analyses/{analysis.id}/{kind}", headers={"accept": "image/*"})

    assert answer.status_code == 200
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", size, {})
    assert b"Secret" not in answer.content


def test_a_picture_is_private_and_can_do_nothing_in_a_browser(client: Client, analysis: Analysis) -> None:
    waiting = client.get(f"/api/v1/analyses/{analysis.id}/image")
    Analysis.objects.update(finished_at=Now())
    answer = client.get(f"/api/v1/analyses/{analysis.id}/image")

    assert waiting["Cache-Control"] == "private, no-store"  # of an animation another frame may decide
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''%C3%A4")


def test_of_an_animation_the_frame_that_decided_is_shown(client: Client) -> None:
    stream = io.BytesIO()
    red, blue = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue"))
    red.save(stream, "GIF", save_all=True, append_images=[blue])
    client.post("/api/v1/batches", {"images": [SimpleUploadedFile("a.gif", stream.getvalue())]})
    Analysis.objects.update(frames={"count": 2, "examined": 2, "deciding": 1})

    answer = client.get(f"/api/v1/analyses/{Analysis.objects.get().id}/image")

    shown = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert np.abs(shown.astype(int) - (0, 0, 255)).max() < 6


def test_a_thumbnail_is_made_once(client: Client, analysis: Analysis, folders: Path) -> None:
    first = client.get(f"/api/v1/analyses/{analysis.id}/thumbnail")
    store.path_of(analysis.image_id).unlink()

    again = client.get(f"/api/v1/analyses/{analysis.id}/thumbnail")

    assert (again.status_code, again.content) == (200, first.content)
    assert not list(folders.glob("thumbnails/**/*.draft"))


def test_a_thumbnail_that_was_being_made_while_its_image_was_deleted_does_not_stay(
    client: Client, analysis: Analysis, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = store.keep_thumbnail

    def keep_late(name: str, content: bytes) -> None:
        assert client.delete(f"/api/v1/batches/{analysis.batch_id}").status_code == 200
        keep(name, content)

    monkeypatch.setattr(store, "keep_thumbnail", keep_late)

    assert client.get(f"/api/v1/analyses/{analysis.id}/thumbnail").status_code == 200

    assert not [path for path in folders.rglob(f"{analysis.image_id}*") if path.is_file()]


def test_a_file_that_is_gone_or_damaged_is_told_by_its_code(client: Client, analysis: Analysis) -> None:
    path = store.path_of(analysis.image_id)
    path.write_bytes(b"something else")
    damaged = client.get(f"/api/v1/analyses/{analysis.id}/image")
    path.unlink()
    gone = client.get(f"/api/v1/analyses/{analysis.id}/image")

    assert (damaged.status_code, damaged.json()["code"]) == (404, "file_corrupt")
    assert (gone.status_code, gone.json()["code"]) == (404, "file_missing")
    assert "immutable" not in gone.get("Cache-Control", "")


def test_an_image_whose_pixels_are_broken_has_no_picture(client: Client) -> None:
    client.post("/api/v1/batches", {"images": [SimpleUploadedFile("a.jpg", picture(size=(400, 400))[:2000])]})

    answer = client.get(f"/api/v1/analyses/{Analysis.objects.get().id}/thumbnail")

    assert (answer.status_code, answer.json()["code"]) == (404, "truncated_image")


def test_only_the_owner_and_who_may_use_the_admin_see_a_picture(analysis: Analysis, stranger: User) -> None:
    url = f"/api/v1/analyses/{analysis.id}/thumbnail"
    assert client_of(stranger).get(url).status_code == 404

    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    stranger.user_permissions.add(Permission.objects.get(codename="view_analysis"))

    assert client_of(stranger).get(url).status_code == 200
    assert client_of(stranger).get(f"/api/v1/analyses/{analysis.id}").status_code == 404


def test_storage_that_is_out_of_reach_is_no_missing_file_and_refuses_uploads(
    client: Client, analysis: Analysis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "its-secret")
    settings.S3_BUCKET, settings.S3_ENDPOINT = "assay-images", f"http://127.0.0.1:{free_port()}"

    shown = client.get(f"/api/v1/analyses/{analysis.id}/thumbnail")
    sent = client.post("/api/v1/batches", {"images": [SimpleUploadedFile("a.jpg", picture())]})

    for answer in (shown, sent):
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "storage_away", "5")
    assert Analysis.objects.count() == 1
    assert not list(settings.INCOMING.iterdir())
