"""Settings that make no sense are refused by name."""

import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.conftest import ROOT


def test_a_number_is_whole_and_in_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_PORT", "3")
    assert env.number("ASSAY_PORT", 0) == 3
    for given, sentence in (("many", "a whole number"), ("-1", "0 or more, but is -1"), ("10", "from 0 to 9")):
        monkeypatch.setenv("ASSAY_PORT", given)
        with pytest.raises(ImproperlyConfigured, match=f"ASSAY_PORT must be {sentence}"):
            env.number("ASSAY_PORT", 0, most=9 if given == "10" else math.inf)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ASSAY_RETENTION_DAYS", "-1"),  # would delete every batch that ended
        ("ASSAY_RETENTION_DAYS", "99999999999"),
        ("ASSAY_EXPORT_DAYS", "-1"),
        ("ASSAY_BEAT_SECONDS", "0"),
        ("ASSAY_SWEEP_SECONDS", "0"),
        ("ASSAY_CHUNK", "-64"),
        ("ASSAY_PREDICT_ANONYMOUS", "nobody"),
        ("ASSAY_LOG_LEVEL", "loud"),
        ("ASSAY_HOME", "~nobody-of-this-name/var"),
        ("ASSAY_TRUSTED_ORIGINS", "assay.example"),
        ("ASSAY_CORS_ORIGINS", "https://one.example,https://two.example/"),
        ("ASSAY_S3_ENDPOINT", "minio:9000"),
        ("BROKER_URL", "amqp://localhost"),
        ("BROKER_URL", "redis://:pass[word@localhost"),
        ("ASSAY_CACHE_URL", "http://localhost"),
        ("DATABASE_URL", "mysql://localhost/assay"),
        ("DATABASE_URL", "postgres://ada:pass%word@localhost/assay"),
        ("DATABASE_URL", "postgres://localhost/assay?sslmodus=require"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_sentence_that_names_it(tmp_path: Path, name: str, given: str) -> None:
    ended = read({"ASSAY_HOME": str(tmp_path), name: given})

    assert ended.returncode == 1
    assert ended.stderr.startswith(name)
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "word@localhost" not in ended.stderr


def test_the_level_of_the_log_is_read_in_small_letters_too(tmp_path: Path) -> None:
    assert read({"ASSAY_HOME": str(tmp_path), "ASSAY_LOG_LEVEL": "debug"}).returncode == 0


def test_a_new_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    read({"ASSAY_HOME": str(tmp_path / "home")})

    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def read(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a command says that reads all settings."""
    command = [sys.executable, "manage.py", "check"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DJANGO_"))}
    return subprocess.run(command, cwd=ROOT, env=environment | settings, capture_output=True, text=True, check=False)


def test_what_the_address_of_a_database_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://ada:a%40b#c@one,two:5433/assay?sslmode=verify-full&connect_timeout=9"
    )

    found = env.database("DATABASE_URL", Path("unused"))

    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("assay", "ada", "a@b#c")
    assert (found["HOST"], found["PORT"]) == ("one,two", ",5433")
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["sslmode"], options["connect_timeout"], options["keepalives_idle"]) == ("verify-full", "9", 10)


def test_each_installation_has_a_folder_of_its_own_in_memory(tmp_path: Path) -> None:
    one, other = env.memory_folder(tmp_path / "one"), env.memory_folder(tmp_path / "other")

    assert one != other
    assert one == env.memory_folder(tmp_path / "one")
    assert one.parent in {Path("/dev/shm"), tmp_path}


@pytest.mark.parametrize("folder", ["C#", "50%20", "why?", "n" * 108])
def test_a_socket_lies_elsewhere_where_its_folder_fits_no_address(tmp_path: Path, folder: str) -> None:
    wanted = tmp_path / folder / "broker.sock"

    assert env.socket_path(wanted) != wanted
    assert env.socket_path(tmp_path / "ä b" / "broker.sock") == tmp_path / "ä b" / "broker.sock"
