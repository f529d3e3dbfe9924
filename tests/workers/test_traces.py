"""One trace from the request through the broker to the recorded result."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django import Settings

from accounts import tokens
from config import traces
from registry.serving import Detectors
from tests.batches.test_dispatch import server
from tests.conftest import ROOT
from tests.workers.conftest import picture
from workers import tasks

__all__ = ["server"]  # a fixture

pytestmark = pytest.mark.servers


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces.start_with(SimpleSpanProcessor(exporter), "test")
    yield exporter
    traces.stop()


def test_a_request_can_be_followed_to_its_results(
    transactional_db: None,
    server: redis.Redis,
    spans: InMemorySpanExporter,
    detectors: Detectors,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(tasks, "_detectors", lambda: detectors)
    headers = {"authorization": f"Bearer {tokens.issue(User.objects.create_user('ada'), 'test').text}"}
    client = Client(headers=headers | {"X-Request-ID": "upload-7"})
    images = [SimpleUploadedFile(f"{seed}.jpg", picture(seed)) for seed in range(3)]
    assert client.post("/api/v1/batches", {"images": images}).status_code == 202
    permit = permit_of("upload-7", server)
    with caplog.at_level("INFO", logger="workers.tasks"):
        tasks.analyse.apply(kwargs={"lane": "interactive"}, headers=sent_along(permit)).get()

    trace = int(permit["headers"]["traceparent"].split("-")[1], base=16)
    ours = [span for span in spans.get_finished_spans() if span.context and span.context.trace_id == trace]
    found = {span.name: span for span in ours}
    assert set(found) == {"request", "intake", "permit", "work", "claim", "decode", "forward", "record"}
    below_work = dict.fromkeys(("claim", "decode", "forward", "record"), "work")
    above = {"request": "", "intake": "request", "permit": "intake", "work": "permit"}
    assert {name: parent_of(found, name) for name in found} == above | below_work
    assert dict(found["claim"].attributes or {}) == {"lane": "interactive", "images": 3}
    (line,) = [record for record in caplog.records if record.name == "workers.tasks"]
    assert line.getMessage().startswith("3 analyses of lane interactive ended in ")


def permit_of(request_id: str, server: redis.Redis) -> dict[str, Any]:
    """The next that tells of this request: what an earlier test rang for may come first."""
    while True:
        _, message = server.blpop(["interactive"], timeout=120)  # type: ignore[misc]
        permit: dict[str, Any] = json.loads(message)
        if permit["headers"].get("assay_request_id") == request_id:
            return permit


def sent_along(permit: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in permit["headers"].items() if name in {"assay_request_id", "traceparent"}}


def parent_of(spans: dict[str, ReadableSpan], name: str) -> str:
    """By its id alone: what came over the broker is marked as remote."""
    parent = spans[name].parent
    return next((s.name for s in spans.values() if parent and s.context and s.context.span_id == parent.span_id), "")


def test_a_worker_that_shall_trace_and_cannot_ends_with_a_sentence(tmp_path: Path) -> None:
    hollow = tmp_path / "opentelemetry"
    hollow.mkdir()
    (hollow / "__init__.py").touch()

    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-n", "traced@test"],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(tmp_path),
            traces.ENDPOINT: "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )

    assert ended.returncode == tasks.EX_CONFIG, ended.stderr
    assert "assay[otel]" in ended.stderr
