"""GET / and every address that is not the API's."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize("path", ["/", "/batches", "/batches/7b2c/analyses/9", "/some/deep/link?x=1"])
def test_every_other_address_gets_the_dashboard(settings: Settings, tmp_path: Path, path: str) -> None:
    settings.FRONTEND = tmp_path
    (tmp_path / "index.html").write_text("<html>the dashboard</html>")

    answer = Client().get(path)

    assert (answer.status_code, answer.content) == (200, b"<html>the dashboard</html>")
    assert answer["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_the_assets_of_a_build_are_cached_for_ever(settings: Settings, tmp_path: Path) -> None:
    settings.WHITENOISE_ROOT = tmp_path
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-BkMiCrF.js").write_text("1")

    answer = Client().get("/assets/index-BkMiCrF.js")

    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    answer.getvalue()  # reads the file to its end, which closes it


def test_without_a_build_the_page_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    settings.FRONTEND = tmp_path

    answer = Client().get("/")

    assert answer.status_code == 503
    assert b"make run" in answer.content


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/api/v1/batches/not-a-uuid"])
def test_an_unknown_address_of_the_api_is_a_problem_and_no_page(path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_admin_is_reached_without_its_last_slash() -> None:
    assert Client().get("/admin")["Location"] == "/admin/"


def test_a_file_of_an_older_build_is_not_there() -> None:
    """The page in its place would be taken for a script."""
    assert Client().get("/assets/index-gone.js").status_code == 404
