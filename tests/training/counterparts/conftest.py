"""Fixtures of the counterpart tests: a small folder of faces-sized textures with both classes."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from training import prepare
from training.prepare import Example


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve smooth random images a class, as JPEG files of 256 pixels."""
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(3)
    for label in ("real", "fake"):
        (folder / label).mkdir()
        for number in range(12):
            coarse = rng.integers(0, 256, size=(16, 16, 3), dtype=np.uint8)
            image = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(folder / label / f"{number}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return folder


@pytest.fixture(scope="session")
def examples(photographs: Path) -> list[Example]:
    return prepare.list_examples(photographs)
