"""Verdicts are measured on whole files, as they are served."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from training import prepare, report, served
from training.prepare import Example

BUNDLE = Path(report.__file__).resolve().parent.parent / "models" / "best"


@pytest.fixture
def example(shared_data: Path) -> Example:
    folder = shared_data / "faces" / "ffhq-stylegan"
    return next(one for one in prepare.list_examples(folder) if one.split == "test")


def test_what_serving_calls_inconclusive_is_not_counted_as_definite(
    example: Example, shared_data: Path, tmp_path: Path
) -> None:
    """However sure the score is: a JPEG of quality 20 has a reason against it."""
    face = Image.open(shared_data / "faces" / "ffhq-stylegan" / example.path)
    face.save(tmp_path / "face.jpg", quality=20)
    (tmp_path / "blank.png").write_bytes(blank())
    examples = [replace(example, path=name) for name in ("face.jpg", "blank.png")]

    judged = list(served.judge(BUNDLE, tmp_path, examples))

    assert [verdict for _, verdict in judged] == ["inconclusive", "not_assessed"]
    found, not_assessed = served.measure(judged)
    assert (found.coverage.value, not_assessed.value, found.error.n) == (0, 0.5, 0)


def test_shares_are_of_what_they_say(example: Example) -> None:
    real, fake = replace(example, label="real"), replace(example, label="fake")
    judged = [(real, "fake"), (real, "real"), (real, "inconclusive"), (fake, "real"), (fake, "fake"), (fake, "fake")]

    found, not_assessed = served.measure(judged)

    shares = [*vars(found).values(), not_assessed]
    assert [share.value for share in shares] == pytest.approx([5 / 6, 2 / 5, 1 / 3, 1 / 3, 0], abs=1e-4)
    assert [share.n for share in shares] == [6, 5, 3, 3, 6]
    assert served.render(judged).splitlines()[2].startswith("| all | 6 | 83.3 % ")


def blank() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (300, 300), "gray").save(stream, "PNG")
    return stream.getvalue()
