"""`manage.py sanity_check` finds what is missing, damaged, left over or does not add up, and mends what it may."""

import os
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from pytest_django import Settings

from batches import claims, results, store
from batches.models import Analysis, Batch
from console import sanity
from registry import bundles
from registry.models import ModelVersion
from tests.batches.conftest import Send, owner, scored, send

__all__ = ["owner", "send"]  # fixtures


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.FILES, settings.INCOMING = tmp_path / "files", tmp_path / "incoming"


def run(*options: str) -> tuple[int, str]:
    """Exit code and words."""
    words = StringIO()
    try:
        call_command("sanity_check", *options, stdout=words, stderr=words)
    except SystemExit as end:
        return int(str(end.code)), words.getvalue()
    return 0, words.getvalue()


def leave(name: str, *, hours_ago: float) -> Path:
    path = store.path_of(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nobody's")
    then = time.time() - hours_ago * 3600
    os.utime(path, (then, then))
    return path


def test_a_sound_installation_is_told_so(send: Send) -> None:
    send(5)
    claim = claims.take("interactive", 2, owner="w1")
    results.record(claim, list(scored(claim)))

    assert run("--hash") == (0, "All rows have their files, all files their rows, and the counters add up.\n")


def test_a_lost_file_is_told(send: Send) -> None:
    send(2)
    lost = Analysis.objects.earliest("ordinal").image_id
    store.path_of(lost).unlink()

    code, words = run()

    assert code == 1
    assert f"missing   {lost}" in words


@pytest.mark.parametrize(
    ("damage", "options"),
    [(lambda old: old[:-1], ()), (lambda old: old[:-1] + b"!", ("--hash",))],
    ids=["shorter", "changed"],
)
def test_a_damaged_file_is_told(send: Send, damage: Callable[[bytes], bytes], options: tuple[str, ...]) -> None:
    send(2)
    sha256 = Analysis.objects.earliest("ordinal").image_id
    path = store.path_of(sha256)
    path.write_bytes(damage(path.read_bytes()))
    # As stored, their rows say: the small files of these tests have the size of the upload.
    Analysis.objects.get(image_id=sha256).image.__class__.objects.filter(sha256=sha256).update(byte_size=3)

    code, words = run(*options)

    assert code == 1
    assert f"corrupt   {sha256}" in words


def test_orphans_go_only_when_they_are_old(send: Send) -> None:
    send(1)
    old, young = leave("ab" * 32, hours_ago=25), leave("cd" * 32, hours_ago=1)
    assert run()[0] == 1
    assert old.exists()

    code, words = run("--repair")

    assert (code, old.exists(), young.exists()) == (1, False, True)
    assert words.count(young.name) == 1
    young.unlink()
    assert run()[0] == 0


def test_counters_are_counted_anew(send: Send) -> None:
    batch = send(4)
    claim = claims.take("interactive", 3, owner="w1")
    results.record(claim, list(scored(claim)))
    Batch.objects.filter(id=batch.id).update(done=2, fake=2, waiting=2)

    code, words = run()
    assert code == 1
    assert "waiting says 2, the rows 1" in words
    assert run("--repair")[0] == 0

    batch.refresh_from_db()
    assert (batch.total, batch.waiting, batch.done, batch.fake) == (4, 1, 3, 3)
    assert run()[0] == 0


def test_work_that_goes_on_meanwhile_is_no_fault(send: Send) -> None:
    batch = send(4)
    seen = sanity.troubled_batches()
    claims.take("interactive", 3, owner="w1")

    assert seen == []
    assert sanity.compare_counters(batch.id) == ""


def test_a_broken_model_is_told(db: None, settings: Settings, tmp_path: Path) -> None:
    version = ModelVersion.objects.get(state="active").version
    folder = bundles.folder_of(version)
    assert folder.is_relative_to(configured.HOME)
    settings.MODELS = tmp_path / "models"

    code, words = run()

    assert code == 1
    assert f"model     {version}" in words
