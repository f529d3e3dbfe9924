"""The program that the Integrations page shows works as it stands there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.system import running
from tests.workers.conftest import picture

pytestmark = pytest.mark.servers

EXAMPLE = ROOT / "frontend" / "src" / "features" / "tokens" / "examples" / "send_folder.py"


def test_a_folder_is_sent_and_every_image_has_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    (folder / "more").mkdir(parents=True)
    for number in range(101):  # a second request adds to the batch of the first
        (folder / "more" / f"{number:03}.jpg").write_bytes(picture(number))
    (folder / "letter.txt").write_text("no image")
    (folder / "broken.jpg").write_bytes(picture(200)[:-200])

    with running(tmp_path / "home") as system:
        surroundings = os.environ | {"ASSAY_URL": system.url, "ASSAY_TOKEN": system.token()}
        ended = subprocess.run(
            [sys.executable, EXAMPLE, folder], env=surroundings, capture_output=True, text=True, check=True, timeout=120
        )

    lines = dict(line.split(": ", 1) for line in ended.stdout.splitlines())
    assert lines.pop("letter.txt").startswith("This is not an image")
    assert lines.pop("broken.jpg").startswith("The image ends too early")
    assert sorted(lines) == [f"{number:03}.jpg" for number in range(101)]
    assert set(lines.values()) <= {"fake", "real", "inconclusive", "not_assessed"}
