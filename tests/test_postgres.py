"""tests.postgres: no server outlives the tests that started it."""

import os
import subprocess
import sys
import time

import psutil

from tests.conftest import ROOT

START = """
import sys
sys.path[:0] = ['.', 'platform']
from tests import settings
print(settings._server.get_pid() if '_server' in vars(settings) else 'none', flush=True)
sys.stdin.read()
"""


def start(**variables: str) -> subprocess.Popen[str]:
    """A process with the settings of tests on PostgreSQL, which says what server it started."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_TEST_")}
    return subprocess.Popen(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env=bare | {"ASSAY_TEST_DATABASE": "postgres"} | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_server_ends_with_tests_that_are_killed() -> None:
    with start() as tests:
        assert tests.stdout
        server = psutil.Process(int(tests.stdout.readline()))
        data = server.cmdline()[server.cmdline().index("-D") + 1]

        tests.kill()

        assert psutil.wait_procs([server], timeout=120)[0] == [server]
    deadline = time.monotonic() + 120
    while os.path.exists(data):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_process_that_a_test_starts_uses_the_server_of_its_tester() -> None:
    tester = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with start(ASSAY_TEST_SERVER_OF=tester, DATABASE_URL="postgresql://u@/db?host=/tmp") as child:
        answer, _ = child.communicate(timeout=120)

    assert answer.strip() == "none"
