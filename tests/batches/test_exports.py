"""Exports are written under a lease, whole or not at all, and outlive whoever writes them."""

import csv
import errno
import io
import json
import os
import time
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet
import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from pytest_django import Settings

from batches import claims, deletion, exports, intake, results, tables
from batches.errors import BatchNotFound, ExportNotFound, ExportNotReady
from batches.exports import Wanted
from batches.models import Analysis, Batch, Export, Format, Image
from tests.batches.conftest import FAILED, SCORED, Send, receive

pytestmark = pytest.mark.django_db(transaction=True)

LANE = "interactive"
EVERYTHING = Wanted()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def batch(owner: User) -> Batch:
    names = ["a.jpg", "=HYPERLINK(1).jpg", 'ü, "q".jpg']
    uploads = [receive(name.encode(), name) for name in names]
    made = intake.accept(owner=owner, uploads=uploads).batch
    results.record(claims.take(LANE, 2, owner="w1"), [SCORED, FAILED])
    return made


def written(batch: Batch, format: Format, wanted: Wanted = EVERYTHING) -> bytes:
    export = exports.request(batch, format, wanted)
    exports.work()
    export.refresh_from_db()
    with exports.open_file(export) as file:
        content = file.read()
    assert (export.state, export.byte_size) == ("done", len(content))
    return content


def test_json_lines_hold_every_analysis_in_order(batch: Batch) -> None:
    rows = [json.loads(line) for line in written(batch, Format.JSONL).splitlines()]

    assert [row["ordinal"] for row in rows] == [0, 1, 2]
    assert [row["state"] for row in rows] == ["done", "failed", "waiting"]
    assert (rows[0]["verdict"], rows[0]["fake_probability"], rows[0]["model_version"]) == ("fake", 0.9, "test-1")
    assert (rows[1]["verdict"], rows[1]["error_code"]) == (None, "truncated_image")
    assert rows[2]["filename"] == 'ü, "q".jpg'
    assert tuple(rows[0]) == tables.COLUMNS


@pytest.mark.parametrize("format", Format)
def test_every_format_has_the_strength_and_the_likelihood_ratio_with_its_interval(batch: Batch, format: Format) -> None:
    ratio = {"value": 40.0, "low": 15.0, "high": 110.0}
    Analysis.objects.filter(ordinal=0).update(strength="moderate_synthetic", likelihood_ratio=ratio)
    content = written(batch, format)

    if format == Format.PARQUET:
        rows = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
    elif format == Format.CSV:
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    else:
        rows = [json.loads(line) for line in content.splitlines()]

    ends = [rows[0][name] for name in ("likelihood_ratio", "likelihood_ratio_low", "likelihood_ratio_high")]
    assert [float(end) for end in ends] == [40.0, 15.0, 110.0]
    assert (rows[0]["strength"], rows[0]["lean"] or None) == ("moderate_synthetic", None)
    assert {rows[1]["strength"] or None, rows[1]["likelihood_ratio"] or None} == {None}


def test_csv_cannot_be_taken_for_formulas(batch: Batch) -> None:
    rows = list(csv.DictReader(io.StringIO(written(batch, Format.CSV).decode(), newline="")))

    assert [row["filename"] for row in rows] == ["a.jpg", "'=HYPERLINK(1).jpg", 'ü, "q".jpg']
    assert rows[0]["fake_probability"] == "0.9"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_made_harmless(batch: Batch, start: str) -> None:
    Analysis.objects.filter(ordinal=0).update(filename=f"{start}1+1")

    rows = list(csv.DictReader(io.StringIO(written(batch, Format.CSV).decode(), newline="")))

    assert rows[0]["filename"] == f"'{start}1+1"


def test_parquet_has_types(batch: Batch) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(batch, Format.PARQUET)))

    assert table.column_names == list(tables.COLUMNS)
    assert table["fake_probability"].to_pylist() == [0.9, None, None]
    assert table["reasons"].to_pylist() == [[], [], []]
    assert str(table.schema.field("byte_size").type) == "int64"


@pytest.mark.parametrize("format", Format)
def test_a_filter_that_nothing_fits_gives_an_empty_table(batch: Batch, format: Format) -> None:
    content = written(batch, format, Wanted(verdict="real"))

    if format == Format.PARQUET:
        assert pyarrow.parquet.read_table(io.BytesIO(content)).num_rows == 0
    else:
        assert len(content.splitlines()) == (1 if format == Format.CSV else 0)


def test_only_what_was_asked_for_is_in_it(batch: Batch) -> None:
    failed = written(batch, Format.JSONL, Wanted(state="failed"))
    fakes = written(batch, Format.JSONL, Wanted(verdict="fake"))

    assert [json.loads(line)["ordinal"] for line in failed.splitlines()] == [1]
    assert [json.loads(line)["ordinal"] for line in fakes.splitlines()] == [0]


def test_asking_twice_before_it_is_written_writes_one_file(batch: Batch, folder: Path) -> None:
    first = exports.request(batch, Format.CSV, Wanted())
    second = exports.request(batch, Format.CSV, Wanted())

    assert first.id == second.id
    assert exports.open_exports() == 1
    assert [exports.work(), exports.work()] == [3, 0]
    assert len(list(folder.iterdir())) == 1


def test_of_a_batch_that_was_deleted_meanwhile_none_is_asked_for(batch: Batch, owner: User) -> None:
    deletion.delete(batch.id, by=owner)

    with pytest.raises(BatchNotFound):
        exports.request(batch, Format.CSV, Wanted())


def test_an_export_of_a_dead_worker_is_taken_up_again(
    batch: Batch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exports.request(batch, Format.JSONL, Wanted())

    with monkeypatch.context() as broken:
        broken.setattr(exports, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            exports.work()
    assert exports.work() == 0  # its lease has not ended
    with pytest.raises(ExportNotReady):
        exports.open_file(Export.objects.get())

    Export.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert exports.open_exports() == 1
    assert exports.work() == 3

    export.refresh_from_db()
    assert (export.state, export.attempts) == ("done", 2)
    exports.open_file(export).close()


def test_an_export_that_kills_its_workers_fails_and_says_so(batch: Batch) -> None:
    exports.request(batch, Format.JSONL, Wanted())
    Export.objects.update(attempts=3, state="running", lease_token=batch.id, lease_until=Now() - timedelta(seconds=1))

    assert exports.open_exports() == 0

    assert Export.objects.get().error_code == "export_failed"


def test_while_the_disk_is_full_no_attempt_counts_and_the_file_comes_later(
    batch: Batch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exports.request(batch, Format.JSONL, EVERYTHING)

    def find_no_room(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", find_no_room)
        assert exports.work() == 0
    export.refresh_from_db()
    assert (export.state, export.attempts, list(folder.iterdir())) == ("running", 0, [])

    Export.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert exports.work() == 3


def test_whoever_loses_the_lease_leaves_no_file(batch: Batch, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.request(batch, Format.JSONL, Wanted())
    write = exports._write

    def write_while_another_takes_over(export: Export, draft: Path) -> int:
        rows = write(export, draft)
        Export.objects.update(lease_token=batch.id)
        return rows

    monkeypatch.setattr(exports, "_write", write_while_another_takes_over)

    assert exports.work() == 0
    assert list(folder.iterdir()) == []
    assert Export.objects.get().state == "running"


def test_deleting_the_batch_meanwhile_leaves_no_file(
    batch: Batch, owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.request(batch, Format.JSONL, Wanted())
    read = exports._read

    def read_and_delete(export: Export) -> object:
        for group in read(export):
            deletion.delete(batch.id, by=owner)
            yield group

    monkeypatch.setattr(exports, "_read", read_and_delete)

    assert exports.work() == 0
    assert list(folder.iterdir()) == []


def test_exports_expire_with_their_files(batch: Batch, folder: Path) -> None:
    old, kept = written(batch, Format.CSV), written(batch, Format.JSONL)
    export = Export.objects.get(format="csv")
    Export.objects.filter(id=export.id).update(created_at=Now() - timedelta(days=8))
    left = folder / "left-by-a-dead-writer.part"
    left.write_bytes(b"")
    os.utime(left, (time.time() - 100_000,) * 2)

    assert exports.expire() == 1

    assert [path.read_bytes() for path in folder.iterdir()] == [kept]
    assert old != kept
    with pytest.raises(ExportNotFound):
        exports.open_file(export)


@pytest.mark.parametrize("format", Format)
def test_a_long_batch_needs_no_more_memory_than_a_short_one(owner: User, format: Format, send: Send) -> None:
    send(1)
    image = Image.objects.get()
    batch = Batch.objects.create(owner=owner, name="long", lane="bulk", total=6_000, waiting=6_000)
    for first in range(0, 6_000, 3_000):
        Analysis.objects.bulk_create(
            Analysis(batch=batch, image=image, ordinal=place, filename=f"{place}.jpg", lane="bulk")
            for place in range(first, first + 3_000)
        )
    export = exports.request(batch, format, Wanted())

    tracemalloc.start()
    try:
        assert exports.work() == 6_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    export.refresh_from_db()
    assert export.rows == 6_000
    assert peak < 12 * 1024**2  # all rows at once take twice as much
