"""One line an event, with the request's id, and no way to forge another."""

import json
import logging
import os
import subprocess
import sys

import pytest

from config import logs
from tests.conftest import ROOT

FORGED = "face.jpg\n2026-01-01 00:00:00 INFO auth admin logged in\x1b[2K\r\u2028."


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("batches.intake").makeRecord(
        "batches.intake", logging.INFO, __file__, 1, message, arguments, None, extra=extra
    )
    logs.RequestIdFilter().filter(made)
    return made


def test_json_has_the_request_and_what_was_passed_along() -> None:
    with logs.for_request("abc-1"):
        written = json.loads(logs.JsonLineFormatter().format(record("%d images", 3, lane="bulk")))

    assert written["message"] == "3 images"
    assert (written["request_id"], written["lane"], written["level"]) == ("abc-1", "bulk", "INFO")
    assert (written["logger"], written["pid"]) == ("batches.intake", os.getpid())
    assert written["time"].endswith("+00:00")


def test_outside_a_request_there_is_no_id() -> None:
    assert "request_id" not in json.loads(logs.JsonLineFormatter().format(record("swept")))


@pytest.mark.parametrize("formatter", [logs.LineFormatter(), logs.JsonLineFormatter()])
def test_a_name_cannot_begin_a_line_of_its_own(formatter: logging.Formatter) -> None:
    written = formatter.format(record("refused %s", FORGED))

    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_a_traceback_cannot_be_taken_for_an_event() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        made = record("it failed")
        made.exc_info = sys.exc_info()

    first, *rest = logs.LineFormatter().format(made).splitlines()
    assert first.endswith("it failed")
    assert rest
    assert all(line.startswith("  | ") for line in rest)
    assert len(logs.JsonLineFormatter().format(made).splitlines()) == 1


@pytest.mark.parametrize("given", ["", "a b", "a\nb", "x" * 65, "é", None, 7, b"abc"])
def test_an_unfit_id_is_dropped(given: object) -> None:
    assert logs.fit(given) == ""


def test_a_fit_id_is_kept() -> None:
    assert logs.fit("Ab-9" * 16) == "Ab-9" * 16


def test_the_setting_chooses_the_format() -> None:
    script = "import django, logging; django.setup(); logging.getLogger('x').warning('a %s', 'b')"
    for chosen, is_json in (("json", True), ("line", False)):
        environment = os.environ | {
            "ASSAY_LOG_FORMAT": chosen,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        ended = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert ended.stderr.startswith("{") == is_json
        assert "a b" in ended.stderr


def test_an_unknown_format_stops_with_a_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"ASSAY_LOG_FORMAT": "xml", "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == "ASSAY_LOG_FORMAT must be one of line, json, but is 'xml'."
