"""Settings that make no sense are refused by name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_a_count_is_a_whole_number_and_not_negative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_WEB_PROCESSES", "3")
    assert env.count("ASSAY_WEB_PROCESSES", 0) == 3
    monkeypatch.setenv("ASSAY_WEB_PROCESSES", "-1")
    with pytest.raises(ImproperlyConfigured, match="ASSAY_WEB_PROCESSES must not be negative"):
        env.count("ASSAY_WEB_PROCESSES", 0)


def test_each_installation_has_a_folder_of_its_own_in_memory(tmp_path: Path) -> None:
    one, other = env.memory_folder(tmp_path / "one"), env.memory_folder(tmp_path / "other")

    assert one != other
    assert one == env.memory_folder(tmp_path / "one")
    assert one.parent in {Path("/dev/shm"), tmp_path}
