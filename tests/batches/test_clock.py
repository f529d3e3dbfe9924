"""A clock that is set is told from time that passes."""

from datetime import UTC, datetime, timedelta

import pytest

from batches import clock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_time_that_passes_is_no_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jumps(monkeypatch, passed=3600, shown=3605) == [False, False]


@pytest.mark.parametrize("shown", [3600, -3600])
def test_a_clock_set_forward_or_back_is_one(monkeypatch: pytest.MonkeyPatch, shown: float) -> None:
    assert jumps(monkeypatch, passed=5, shown=shown) == [False, True]


def jumps(monkeypatch: pytest.MonkeyPatch, *, passed: float, shown: float) -> list[bool]:
    monkeypatch.setattr(clock, "_seen", None)
    found = []
    for ours, theirs in ((0.0, 0.0), (passed, shown)):
        monkeypatch.setattr("time.monotonic", lambda ours=ours: 1000.0 + ours)
        found.append(clock.has_jumped(NOON + timedelta(seconds=theirs)))
    return found
