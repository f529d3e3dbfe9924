"""Fixtures that every room's tests share: the folder of real faces and the rule that a skip for lack of it fails in CI."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def require(what: str, variable: str) -> None:
    """Skips the test with a reason, or fails it where `variable` says that nothing may be missing."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{what}, and {variable}=1 forbids to skip.")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real faces and weights (ASSAY_DATA, default ../shared/data beside the repository)."""
    folder = Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data")).resolve()
    if not (folder / "faces").is_dir():
        require(f"No faces in {folder}; set ASSAY_DATA", "ASSAY_REQUIRE_DATA")
    return folder
