"""Small pictures sent through intake, the bundle that ships, and the worker's way to it."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from PIL import Image as Picture

from batches import intake, store
from batches.models import Batch
from detector import Detector
from registry.serving import Detectors

SendPictures = Callable[[list[bytes]], Batch]


def picture(seed: int) -> bytes:
    """A JPEG of 96 x 96 pixels, different for every seed."""
    grain = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Picture.fromarray(grain).resize((96, 96)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def faces(shared_data: Path) -> list[bytes]:
    """Four photographs and four fakes."""
    folder = shared_data / "faces" / "ffhq-stylegan"
    return [file.read_bytes() for label in ("real", "fake") for file in sorted((folder / label).iterdir())[:4]]


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector.open(settings.BUNDLE, settings.ENGINE, threads=2)


@pytest.fixture(scope="session")
def detectors() -> Detectors:
    return Detectors(threads=2, pool=1, room=3)


@pytest.fixture
def send(transactional_db: None) -> SendPictures:
    owner = User.objects.create_user("ada")

    def send_pictures(contents: list[bytes]) -> Batch:
        received = [store.receive([content], filename="face.jpg", max_bytes=10**7) for content in contents]
        return intake.accept(owner=owner, uploads=[intake.Upload(one, "JPEG", 96, 96) for one in received]).batch

    return send_pictures
