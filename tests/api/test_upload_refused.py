"""POST /api/v1/batches with files and forms that are not fine: each has an answer, and none leaves anything behind."""

import errno
import io
import os
import sqlite3
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from batches import archives
from batches.models import Analysis, Batch
from tests.api.conftest import picture
from tests.detector.test_frames import MANY

URL = "/api/v1/batches"
FORM = "multipart/form-data; boundary=frontier"


@pytest.fixture(autouse=True)
def nothing_stays_behind(folders: Path, db: None) -> Iterator[None]:
    yield
    assert not list(folders.glob("incoming/*"))


def form(*files: tuple[str, bytes], field: str = "images") -> bytes:
    parts = [
        f'--frontier\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode() + content
        for name, content in files
    ]
    return b"\r\n".join([*parts, b"--frontier--\r\n"])


def huge_png() -> bytes:
    """A PNG header that promises 900 megapixels, and no pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def zip_of(*entries: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return output.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


BAD_FILES = {
    "not an image": (b"Dear Sir or Madam", "unsupported_format"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
    "empty": (b"", "empty_file"),
    "a cut JPEG header": (picture()[:10], "truncated_image"),
    "900 megapixels": (huge_png(), "too_many_pixels"),
    "1,001 frames": (MANY["GIF"], "too_many_frames"),
    "25 MB": (picture() + b"\0" * 25 * 1024 * 1024, "file_too_large"),
    "a damaged ZIP": (b"PK\x03\x04" + b"\0" * 50, "archive_damaged"),
    "an empty ZIP with rubbish": (b"PK\x05\x06", "archive_damaged"),
    "a ZIP without files": (zip_of(("folder/", b"")), "empty_file"),
    "a ZIP with ../": (zip_of(("../../evil.jpg", picture())), "archive_unsafe_entry"),
    "a ZIP with an absolute path": (zip_of(("/etc/evil.jpg", picture())), "archive_unsafe_entry"),
    "a ZIP with a link": (zip_of((link("evil.jpg"), b"/etc/passwd")), "archive_unsafe_entry"),
    "a ZIP in a ZIP": (zip_of(("inner.zip", zip_of(("a.jpg", picture())))), "archive_nested"),
    "a bomb": (zip_of(("a.bmp", b"\0" * 10**7), method=zipfile.ZIP_DEFLATED), "archive_too_large"),
}


@pytest.mark.parametrize(("content", "code"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_cannot_be_analysed_is_refused_alone(client: Client, content: bytes, code: str) -> None:
    alone = client.post(URL, form(("bad.jpg", content)), FORM)
    beside = client.post(URL, form(("bad.jpg", content), ("good.jpg", picture())), FORM)

    assert (alone.status_code, alone.json()["code"]) == (422, "nothing_accepted")
    assert [refusal["code"] for refusal in alone.json()["rejected"]] == [code]
    assert beside.status_code == 202
    assert [refusal["code"] for refusal in beside.json()["rejected"]] == [code]
    assert [accepted["filename"] for accepted in beside.json()["accepted"]] == ["good.jpg"]
    assert all(refusal["detail"].endswith((".", ")")) for refusal in beside.json()["rejected"])


def test_six_hundred_files_at_once_are_too_many(client: Client) -> None:
    answer = client.post(URL, form(*[(f"{n}.gif", picture(format="GIF")) for n in range(600)]), FORM)

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_files")
    assert not Batch.objects.exists()


@pytest.mark.parametrize("lost", [1, 5, 15, 40, 300])
def test_half_a_form_is_never_accepted(client: Client, lost: int) -> None:
    """The client said how much it would send, and the connection broke before."""
    body = form(("a.jpg", picture("teal")), ("b.jpg", picture("plum")))

    broken: dict[str, Any] = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body[:-lost])}
    answer = client.post(URL, body, FORM, **broken)

    assert (answer.status_code, answer.json()["code"]) == (400, "truncated_upload")
    assert not Batch.objects.exists()


@pytest.mark.parametrize("lost", [4, 15, 40])
def test_a_form_without_its_closing_boundary_is_not_accepted_either(client: Client, lost: int) -> None:
    body = form(("a.jpg", picture("teal")), ("b.jpg", picture("plum")))[:-lost]

    answer = client.post(URL, body, FORM)

    assert (answer.status_code, answer.json()["code"]) == (400, "truncated_upload")
    assert not Batch.objects.exists()


BAD_FORMS = {
    "no files": (form(), FORM, 400, "no_files"),
    "another field": (form(("a.jpg", picture()), field="photos"), FORM, 400, "no_files"),
    "an empty file field of a browser": (form(("", b"")), FORM, 400, "no_files"),
    "an empty body": (b"", FORM, 400, "no_files"),
    "JSON": (b"{}", "application/json", 415, "unsupported_media_type"),
    "a bare image": (picture(), "image/jpeg", 415, "unsupported_media_type"),
    "no boundary": (form(), "multipart/form-data", 400, "invalid_request"),
    "rubbish in the headers": (
        b'--frontier\r\nContent-Disposition: form-data; name="\xff\xfe"; filename="\xff"\r\n\r\nx\r\n--frontier--\r\n',
        FORM,
        400,
        "invalid_request",
    ),
    "a long text": (
        b'--frontier\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 20_000 + b"\r\n--frontier--\r\n",
        FORM,
        400,
        "invalid_request",
    ),
    "a long name": (
        b'--frontier\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 201 + b"\r\n--frontier--\r\n",
        FORM,
        400,
        "invalid_request",
    ),
}


@pytest.mark.parametrize(("body", "kind", "status", "code"), BAD_FORMS.values(), ids=BAD_FORMS.keys())
def test_a_form_that_makes_no_sense_is_named_so(client: Client, body: bytes, kind: str, status: int, code: str) -> None:
    answer = client.post(URL, body, kind, CONTENT_TYPE=kind)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Batch.objects.exists()


def test_a_body_over_200_mb_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.post(URL, b"x", FORM, CONTENT_LENGTH=str(201 * 1024 * 1024))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_large_upload_takes_no_memory(client: Client) -> None:
    """Files go to disk piece by piece; only the frame of the form is ever held."""
    body = form(*[("a.jpg", picture() + bytes(18 * 1024 * 1024)) for _ in range(4)])
    large: dict[str, Any] = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    client.post(URL, form(("a.jpg", picture())), FORM)  # modules are loaded at the first request
    tracemalloc.start()
    try:
        client.post(URL, b"x", FORM, **large)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 * 1024 * 1024


def test_an_unknown_batch_is_told_before_files_are_read(client: Client) -> None:
    answer = client.post(f"{URL}/00000000-0000-4000-8000-000000000000/images", form(("a.jpg", picture())), FORM)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_on_a_full_disk_nothing_is_kept_and_the_answer_says_so(
    client: Client, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    answer = client.post(URL, form(("a.jpg", picture())), FORM)

    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert not Batch.objects.exists()
    assert not [path for path in folders.glob("files/**/*") if path.is_file()]


def test_little_room_on_the_disk_is_told_before_it_is_full(client: Client, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 2**60
    answer = client.post(URL, form(("a.jpg", picture())), FORM)

    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


def test_while_the_database_is_locked_the_answer_is_503_and_a_retry_succeeds(client: Client) -> None:
    def locked(execute: Any, sql: str, *rest: Any) -> Any:
        if "batches_batch" in sql:
            # What SQLite says when another process holds the write lock longer than the time-out.
            cause = sqlite3.OperationalError("database is locked")
            cause.sqlite_errorname = "SQLITE_BUSY"
            raise OperationalError("database is locked") from cause
        return execute(sql, *rest)

    with connection.execute_wrapper(locked):
        answer = client.post(URL, form(("a.jpg", picture())), FORM)
    again = client.post(URL, form(("a.jpg", picture())), FORM)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert int(answer["Retry-After"]) > 0
    assert again.status_code == 202
    assert Analysis.objects.count() == 1


def test_archives_of_one_request_count_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else 500 of them could fill the disk with 500 GB, or an answer with millions of files."""
    pictures = [picture(colour, format="BMP") for colour in ("red", "green", "blue")]
    packed = [(f"{n}.zip", zip_of((f"{n}.bmp", content))) for n, content in enumerate(pictures)]

    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 2 * len(pictures[0]))
    too_large = client.generic("POST", URL, form(*packed), content_type=FORM).json()
    monkeypatch.setattr(archives, "MAX_REQUEST_ENTRIES", 1)
    too_many = client.generic("POST", URL, form(*packed), content_type=FORM).json()

    assert [file["filename"] for file in too_large["accepted"]] == ["0.bmp", "1.bmp"]
    assert [(file["filename"], file["code"]) for file in too_large["rejected"]] == [("2.zip", "archive_too_large")]
    assert [file["filename"] for file in too_many["accepted"]] == ["0.bmp"]
    assert {file["code"] for file in too_many["rejected"]} == {"archive_too_many_files"}
