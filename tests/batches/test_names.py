"""A sender's file name is safe to show."""

import pytest

from batches import names


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("face.jpg", "face.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.png", "me.png"),
        ("holiday/2026/a b.jpg", "a b.jpg"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("one\ntwo\x00\x1b[31m.jpg", "onetwo[31m.jpg"),
        ("e\u0301t\u00e9.jpg", "\u00e9t\u00e9.jpg"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("folder/", "unnamed"),
    ],
)
def test_only_the_visible_last_part_remains(raw: str, shown: str) -> None:
    assert names.clean_filename(raw) == shown


def test_a_long_name_keeps_its_ending() -> None:
    shown = names.clean_filename("x" * 5000 + ".jpeg")

    assert len(shown) == names.MAX_LENGTH
    assert shown.endswith("x.jpeg")
