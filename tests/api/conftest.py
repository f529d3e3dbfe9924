"""Fixtures of the API's tests: two people, their clients, folders of their own, and images made on the spot."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from accounts import tokens
from accounts.models import Scope
from batches.models import Analysis, Batch, State
from batches.models import Image as StoredImage

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Path:
    """Every test writes into folders of its own, on whatever disk there is."""
    settings.FILES = tmp_path / "files"
    settings.INCOMING = tmp_path / "incoming"
    settings.THUMBNAILS = tmp_path / "thumbnails"
    settings.MIN_FREE_BYTES = 0
    return tmp_path


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def client(owner: User) -> Client:
    """Ada's, by token."""
    return client_of(owner)


def client_of(user: User) -> Client:
    """By a token that may do all a token can."""
    text = tokens.issue(user, "test", list(Scope)).text
    return Client(headers={"authorization": f"Bearer {text}"}, raise_request_exception=False)


def browser_of(user: User) -> Client:
    """By a session."""
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


@pytest.fixture
def batch(owner: User) -> Callable[..., Batch]:
    """Makes a batch of finished analyses with the given fake probabilities; None has failed."""

    def make(*probabilities: float | None, name: str = "a batch") -> Batch:
        failed = sum(probability is None for probability in probabilities)
        fakes = sum(probability is not None and probability >= 0.5 for probability in probabilities)
        total = len(probabilities)
        batch = Batch.objects.create(
            owner=owner,
            name=name,
            lane="default",
            total=total,
            done=total - failed,
            failed=failed,
            fake=fakes,
            real=total - failed - fakes,
        )
        image, _ = StoredImage.objects.get_or_create(
            sha256="0" * 64, defaults={"format": "JPEG", "width": 8, "height": 8, "byte_size": 1}
        )
        Analysis.objects.bulk_create(
            analysis_of(batch, image, place, probability) for place, probability in enumerate(probabilities)
        )
        return batch

    return make


def analysis_of(batch: Batch, image: StoredImage, place: int, probability: float | None) -> Analysis:
    analysis = Analysis(batch=batch, image=image, ordinal=place, filename=f"{place}.jpg", lane=batch.lane)
    if probability is None:
        analysis.state, analysis.error_code, analysis.error_detail = State.FAILED, "truncated_image", "It ends."
        return analysis
    analysis.state, analysis.model_version, analysis.engine = State.DONE, "finetuned-1", "litert-int8"
    analysis.fake_probability = probability
    analysis.verdict = "fake" if probability >= 0.5 else "real"
    analysis.map = [[0.5, -0.25], [0.0, 1.0]]
    return analysis


def picture(colour: str = "teal", size: tuple[int, int] = (40, 30), format: str = "JPEG", **options: object) -> bytes:
    """An image file; another colour gives other bytes."""
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, format, **options)
    return output.getvalue()


def upload(
    client: Client, files: Sequence[tuple[str, bytes]], *, url: str = "/api/v1/batches", name: str = "", key: str = ""
) -> Any:
    """Sends named files; the answer as the test client gives it."""
    images = [SimpleUploadedFile(filename, content, "application/octet-stream") for filename, content in files]
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(url, {"images": images, "name": name}, headers=headers)
