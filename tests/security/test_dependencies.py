"""What we depend on: pinned by hash, and the readers of strangers' bytes past their known holes."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Package, first release without the hole, and which one.
HOLES = [
    ("pillow", (12, 2), "GHSA-whj4-6x5x-4v2j: FITS bomb"),
    ("opencv-python-headless", (4, 8, 1), "CVE-2023-4863: libwebp"),
    ("waitress", (3, 0, 1), "CVE-2024-49768 and -49769: pipelining, exhausted sockets"),
    ("django", (5, 2, 8), "CVE-2025-64459: SQL through _connector"),
]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_by_hash(lock: Path) -> None:
    text = lock.read_text()
    packages = re.findall(r"^[A-Za-z0-9][^\n]*(?:\n    [^\n]*)*", text, re.MULTILINE)

    assert len(packages) > 1 or lock.name in ("faces.txt", "node.txt")
    assert [package for package in packages if "==" not in package or "--hash=sha256:" not in package] == []


@pytest.mark.parametrize(("package", "first", "why"), HOLES, ids=[package for package, *_ in HOLES])
def test_decoders_are_past_their_known_holes(package: str, first: tuple[int, ...], why: str) -> None:
    installed = tuple(int(number) for number in re.findall(r"\d+", version(package))[:3])

    assert installed >= first, why


def test_what_answers_strangers_holds_neither_tensorflow_nor_keras() -> None:
    """Keras could run code from a model's file (CVE-2025-1550 and later ones); it trains and never serves."""
    locked = (ROOT / "requirements" / "run.txt").read_text()

    assert not re.search(r"^(keras|tensorflow|torch)\b", locked, re.MULTILINE)
