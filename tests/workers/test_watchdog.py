"""A stuck worker says where it stood and ends."""

import subprocess
import sys
import time

from tests.conftest import ROOT
from workers.watchdog import watching

STUCK = """
import time
from workers.watchdog import watching
def hang():
    time.sleep(600)
with watching(1):
    hang()
"""


def test_what_takes_too_long_ends_the_process_with_its_stacks_on_standard_error() -> None:
    ended = subprocess.run([sys.executable, "-c", STUCK], cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert ended.returncode == 70
    assert "in hang" in ended.stderr


def test_what_ends_in_time_is_left_alone() -> None:
    with watching(0.5):
        pass
    time.sleep(1)  # this process would be gone
