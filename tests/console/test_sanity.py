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

from batches import claims, deletion, results, store
from batches.models import Analysis, Batch, Image
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


def test_a_batch_that_is_deleted_between_the_two_looks_is_no_fault(send: Send) -> None:
    batch = send(2)
    deletion.delete(batch.id, by=None)

    assert sanity.compare_counters(batch.id) == ""
    assert sanity.recount(batch.id) == ""


def test_an_image_that_is_deleted_after_it_was_listed_is_no_fault(send: Send) -> None:
    batches = [send(1), send(1)]
    for path in map(store.path_of, Image.objects.values_list("sha256", flat=True)):
        path.write_bytes(b"damaged")
    found = sanity.find_damage(with_hashes=False)
    next(found)

    for batch in batches:
        deletion.delete(batch.id, by=None)

    assert list(found) == []


def test_a_file_on_its_way_in_is_no_fault(send: Send) -> None:
    send(1)
    young = leave("ab" * 32, hours_ago=0)

    assert (run()[0], run("--repair")[0]) == (0, 0)
    assert young.exists()


def test_what_is_gone_or_taken_up_while_orphans_are_removed_is_left_alone(send: Send) -> None:
    left = {leave(two * 32, hours_ago=25) for two in ("ab", "bc", "cd")}
    found = sanity.repair()
    gone, known = left - {store.path_of(next(found).what)}

    gone.unlink()
    Image.objects.create(sha256=known.name, format="JPEG", width=8, height=8, byte_size=8)

    assert list(found) == []
    assert known.exists()


@pytest.mark.parametrize("hashed", [True, False])
def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_looked_at(send: Send, hashed: bool) -> None:
    send(2)
    unread, lost = map(store.path_of, Image.objects.order_by("sha256").values_list("sha256", flat=True))
    unread.unlink()
    # Reads of the one fail with EIO; the other leads in a circle.
    unread.symlink_to("/proc/self/mem" if hashed else unread.name)
    lost.unlink()

    code, words = run(*(["--hash"] if hashed else []))

    assert code == 1
    assert f"unread    {unread.name}" in words
    assert f"missing   {lost.name}" in words


def test_storage_that_is_away_is_one_sentence(
    send: Send, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send(1)
    settings.S3_BUCKET = "nobody-s"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))

    code, words = run()

    assert code == 1
    assert words.startswith("The check was broken off. ")


def test_a_batch_whose_counters_hid_its_end_ends_when_they_are_mended(send: Send) -> None:
    batch = send(1)
    claim = claims.take("interactive", 1, owner="w1")
    results.record(claim, list(scored(claim)))
    Batch.objects.filter(id=batch.id).update(done=0, fake=0, waiting=1, finished_at=None)

    run("--repair")

    batch.refresh_from_db()
    assert (batch.done, batch.waiting) == (1, 0)
    assert batch.finished_at is not None
