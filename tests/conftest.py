"""What all tests share: the folder of real faces, and the rule that nothing is skipped in CI."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real faces and weights (ASSAY_DATA, default ../shared/data beside the repository)."""
    folder = Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data")).resolve()
    if not (folder / "faces").is_dir():
        pytest.skip(f"There are no faces in {folder}; set ASSAY_DATA.")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be missing, no skip hides, whatever its reason."""
    report = yield
    if report.skipped and os.environ.get("ASSAY_REQUIRE_DATA") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"ASSAY_REQUIRE_DATA=1 forbids skips, but {item.nodeid} was skipped: {report.longrepr}"
    return report
