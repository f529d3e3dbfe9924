"""With ASSAY_PRODUCTION=1 nothing starts that is left open, and what starts passes Django's own deployment check."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from config import production
from tests.conftest import ROOT

GOOD = {
    "ASSAY_PRODUCTION": "1",
    "ASSAY_SECRET_KEY": "kX2v9QmT4rZ8wB1nY6cJ3hL7dF0gS5pA_eU-iO.tRqWxVzNbMc",
    "ASSAY_ALLOWED_HOSTS": "assay.example.org",
    "ASSAY_BEHIND_TLS": "1",
}
COMPLETE: dict[str, Any] = {
    "secret_key": GOOD["ASSAY_SECRET_KEY"],
    "debug": False,
    "allowed_hosts": ["assay.example.org"],
    "is_behind_tls": True,
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no key": ({"secret_key": ""}, "ASSAY_SECRET_KEY is missing"),
    "a short key": ({"secret_key": "short"}, "ASSAY_SECRET_KEY can be guessed"),
    "a key of one letter": ({"secret_key": "a" * 60}, "ASSAY_SECRET_KEY can be guessed"),
    "the key of an example": (
        {"secret_key": "django-insecure-kX2v9QmT4rZ8wB1nY6cJ3hL7dF0gS5pAeUiOtRq"},
        "ASSAY_SECRET_KEY can be guessed",
    ),
    "debugging": ({"debug": True}, "ASSAY_DEBUG=1"),
    "no host": ({"allowed_hosts": []}, "ASSAY_ALLOWED_HOSTS must list"),
    "every host": ({"allowed_hosts": ["assay.example.org", "*"]}, "ASSAY_ALLOWED_HOSTS must list"),
    "every host of a kind": ({"allowed_hosts": ["*.example.org"]}, "ASSAY_ALLOWED_HOSTS must list"),
    "no TLS": ({"is_behind_tls": False}, "ASSAY_BEHIND_TLS=1 is missing"),
}
MANAGE = [sys.executable, "manage.py"]


def run(command: list[str], home: Path, **extra: str) -> "subprocess.CompletedProcess[str]":
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DJANGO_"))}
    environment = bare | {"ASSAY_HOME": str(home)} | GOOD | extra
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_left_open_is_named_in_one_sentence(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        production.check(**COMPLETE | change)

    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_is_complete_passes() -> None:
    production.check(**COMPLETE)


@pytest.mark.parametrize(
    "change",
    [{"ASSAY_SECRET_KEY": ""}, {"ASSAY_DEBUG": "1"}, {"ASSAY_ALLOWED_HOSTS": ""}, {"ASSAY_BEHIND_TLS": ""}],
    ids=lambda change: next(iter(change)),
)
def test_no_command_starts_with_anything_left_open(tmp_path: Path, change: dict[str, str]) -> None:
    ended = run([*MANAGE, "web", "--listen", "127.0.0.1:0"], tmp_path, **change)

    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1, "one sentence"
    assert next(iter(change)) in ended.stderr
    assert not list(tmp_path.iterdir()), "nothing was made, no key of its own either"


def test_no_worker_starts_either(tmp_path: Path) -> None:
    ended = run([sys.executable, "-m", "celery", "-A", "workers.app", "worker"], tmp_path, ASSAY_SECRET_KEY="")

    assert ended.returncode == 78, "EX_CONFIG of sysexits.h"
    assert len(ended.stderr.strip().splitlines()) == 1, "one sentence"
    assert "ASSAY_SECRET_KEY is missing" in ended.stderr


def test_what_starts_passes_djangos_own_check_for_deployment(tmp_path: Path) -> None:
    ended = run([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


def test_without_the_switch_one_machine_needs_no_settings_and_its_key_is_random_and_its_owners_alone(
    tmp_path: Path,
) -> None:
    bare = dict.fromkeys(GOOD, "")
    for name in ("one", "two"):
        assert run([*MANAGE, "check"], tmp_path / name, **bare).returncode == 0

    keys = [tmp_path / name / "secret_key" for name in ("one", "two")]

    assert keys[0].read_text() != keys[1].read_text()
    assert all(len(key.read_text()) >= 50 and key.stat().st_mode & 0o777 == 0o600 for key in keys)


@pytest.fixture
def behind_tls(settings: Settings, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000


def test_plain_http_is_sent_to_tls_and_tls_is_asked_for_from_then_on(behind_tls: None) -> None:
    plain = Client().get("/api/v1/session")
    safe = Client().get("/api/v1/session", headers={"x-forwarded-proto": "https"})

    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/api/v1/session")
    assert safe.status_code == 200
    assert safe["Strict-Transport-Security"] == "max-age=31536000"


def test_probes_from_inside_need_no_tls(behind_tls: None) -> None:
    assert Client().get("/health").status_code == 200


def test_cookies_go_over_tls_alone(tmp_path: Path) -> None:
    words = "from config import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.DEBUG)"

    ended = run([sys.executable, "-c", f"import sys; sys.path.insert(0, 'platform'); {words}"], tmp_path)

    assert ended.stdout.split() == ["True", "True", "False"]
