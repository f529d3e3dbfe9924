"""POST and GET /api/v1/batches/{id}/exports, GET /api/v1/exports/{id} and its file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from batches import exports
from batches.models import Batch
from tests.api.conftest import client_of

MakeBatch = Callable[..., Batch]


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORTS = tmp_path / "exports"


def ask(client: Client, batch: Batch, **wanted: str) -> dict[str, Any]:
    answer = client.post(f"/api/v1/batches/{batch.id}/exports", wanted, content_type="application/json")
    assert answer.status_code == 202, answer.content
    assert answer.headers["Location"] == f"/api/v1/exports/{answer.json()['id']}"
    export: dict[str, Any] = answer.json()
    return export


def test_an_export_is_asked_for_written_and_fetched(client: Client, batch: MakeBatch) -> None:
    made = batch(0.9, 0.1, None, name="Nov: intake/ü")
    export = ask(client, made, format="jsonl", verdict="fake")
    assert (export["state"], export["file_url"], export["verdict"]) == ("waiting", None, "fake")
    early = client.get(f"/api/v1/exports/{export['id']}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")

    exports.work()

    done = client.get(f"/api/v1/exports/{export['id']}").json()
    assert (done["state"], done["rows"]) == ("done", 1)
    file: Any = client.get(done["file_url"])
    content = b"".join(file.streaming_content)
    assert [json.loads(line)["fake_probability"] for line in content.splitlines()] == [0.9]
    assert len(content) == done["byte_size"]
    assert file.headers["Content-Type"] == "application/x-ndjson"
    assert file.headers["Content-Disposition"].startswith("attachment; filename")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert client.get(f"/api/v1/batches/{made.id}/exports").json() == {"results": [done]}


@pytest.mark.parametrize(
    ("body", "field"), [({}, "format"), ({"format": "xlsx"}, "format"), ({"format": "csv", "state": "odd"}, "state")]
)
def test_what_cannot_be_exported_is_named(client: Client, batch: MakeBatch, body: dict[str, str], field: str) -> None:
    answer = client.post(f"/api/v1/batches/{batch(0.1).id}/exports", body, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_nobody_exports_or_fetches_what_is_not_theirs(client: Client, stranger: User, batch: MakeBatch) -> None:
    made = batch(0.9)
    export = ask(client, made, format="csv")
    exports.work()
    other = client_of(stranger)

    address = f"/api/v1/batches/{made.id}/exports"
    answers = [
        other.post(address, {"format": "csv"}, content_type="application/json"),
        *map(other.get, (address, f"/api/v1/exports/{export['id']}", f"/api/v1/exports/{export['id']}/file")),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 4


def test_a_file_that_somebody_removed_is_not_found(client: Client, batch: MakeBatch, tmp_path: Path) -> None:
    export = ask(client, batch(0.9), format="csv")
    exports.work()
    for path in (tmp_path / "exports").iterdir():
        path.unlink()

    assert client.get(f"/api/v1/exports/{export['id']}/file").status_code == 404
