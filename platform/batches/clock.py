"""Notices that the database's clock was set, or the machine slept: then leases seem to have ended that have not."""

import time
from datetime import datetime

# More than hosts' clocks are slewed by between two looks, and less than what is left of most leases.
LEAP_SECONDS = 10

# When this process last looked, by its own clock that only ever goes on, and by the database's.
_seen: tuple[float, datetime] | None = None


def has_jumped(now: datetime) -> bool:
    """Whether since the last call the database's clock, which shows `now`, went on by more or less than time did."""
    global _seen
    earlier, _seen = _seen, (time.monotonic(), now)
    if earlier is None:
        return False
    passed = (now - earlier[1]).total_seconds()
    return abs(passed - (_seen[0] - earlier[0])) > LEAP_SECONDS
