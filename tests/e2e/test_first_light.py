"""A newcomer's first minutes in a real browser: log in, drop forty files, watch them judged, look at one closely."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.system import System, running

pytestmark = [pytest.mark.e2e, pytest.mark.servers, pytest.mark.timeout(240)]

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETS = ("ffhq-stylegan/real", "ffhq-stylegan/fake", "utkface/real")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running(tmp_path_factory.mktemp("e2e") / "home") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("No chromium on PATH; install Debian's package `chromium`.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, system: System) -> Iterator[Page]:
    opened = browser.new_page(base_url=system.url, viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    opened.close()
    assert problems == []


@pytest.fixture
def forty_files(tmp_path: Path, shared_data: Path) -> list[Path]:
    """39 faces of three sources under names of their own, and one photo whose second half is missing."""
    sources = [sorted((shared_data / "faces" / name).iterdir())[:13] for name in SETS]
    files = []
    for number, source in enumerate(file for group in sources for file in group):
        files.append(tmp_path / f"{number:02}-{source.parent.name}.jpg")
        files[-1].write_bytes(source.read_bytes())
    whole = files[0].read_bytes()
    broken = tmp_path / "39-broken.jpg"
    broken.write_bytes(whole[: len(whole) // 2])
    return [*files, broken]


def log_in(page: Page, system: System) -> None:
    page.goto("/")
    form = page.get_by_test_id("login-form")
    form.get_by_label("User name").fill("admin")
    form.get_by_role("textbox", name="Password").fill(system.password)
    form.get_by_role("button", name="Log in").click()


def test_forty_files_give_39_verdicts_one_clear_failure_and_a_map(
    page: Page, system: System, forty_files: list[Path]
) -> None:
    log_in(page, system)
    page.get_by_test_id("drop-input").set_input_files(forty_files)
    page.get_by_test_id("detect-button").click()

    expect(page).to_have_url(re.compile("/batches/"), timeout=20_000)
    finished = page.locator("[data-testid=batch-progress][data-state=finished]")
    expect(finished).to_be_visible(timeout=60_000)
    batch = page.url.partition("/batches/")[2].partition("?")[0]
    status = page.request.get(f"/api/v1/batches/{batch}").json()
    assert (status["total"], status["counts"]["done"], status["counts"]["failed"]) == (40, 39, 1)

    failure = page.locator("[data-testid=result-card][data-state=failed]")
    page.get_by_role("button", name="Failed 1").click()
    expect(failure).to_contain_text("39-broken.jpg")
    expect(failure.get_by_test_id("failure-card")).to_contain_text("The image ends too early")
    page.get_by_role("button", name="All 40").click()
    judged = page.locator("[data-testid=result-card][data-state=done]")
    expect(judged.nth(20)).to_be_visible()

    judged.first.click()
    expect(page.get_by_test_id("verdict-words")).to_be_visible()
    expect(page.get_by_test_id("map-canvas")).to_be_visible()
    painted = page.get_by_test_id("map-canvas").evaluate(
        "map => map.getContext('2d').getImageData(0, 0, map.width, map.height).data.some(value => value > 0)"
    )
    assert painted


def test_a_wrong_password_is_refused_in_words(page: Page) -> None:
    page.goto("/")
    form = page.get_by_test_id("login-form")
    form.get_by_label("User name").fill("admin")
    form.get_by_role("textbox", name="Password").fill("wrong")
    form.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
