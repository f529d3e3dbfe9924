"""What an installation needs of the machine beside Python's packages."""

import os
import shutil

import pytest


@pytest.fixture(scope="module", autouse=True)
def proxy(request: pytest.FixtureRequest) -> None:
    """Everything that runs here runs behind nginx."""
    where = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    if request.node.get_closest_marker("servers") and shutil.which("nginx", path=where) is None:
        pytest.skip("No nginx; install Debian's package `nginx-light`.")
