"""Spans are made only where a collector is named, and go on in other threads and processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config import traces
from tests.conftest import ROOT


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces.start_with(SimpleSpanProcessor(exporter), "test")
    yield exporter
    traces.stop()


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(traces.ENDPOINT, raising=False)
    traces.start("web")

    with traces.span("request"):
        traces.note(images=1)
        assert (traces.headers(), traces.trace_id()) == ({}, "")


def test_a_span_is_below_the_one_it_comes_from(spans: InMemorySpanExporter) -> None:
    with traces.span("request"):
        sent = traces.headers()
    with traces.span("work", sent, lane="bulk"):
        traces.note(ended=3)

    request, work = spans.get_finished_spans()
    assert request.context
    assert work.parent
    assert work.attributes
    assert (work.parent.span_id, work.context.trace_id) == (request.context.span_id, request.context.trace_id)
    assert dict(work.attributes) == {"lane": "bulk", "ended": 3}


def test_threads_go_on_in_the_span_that_started_them(spans: InMemorySpanExporter) -> None:
    with traces.span("work"), ThreadPoolExecutor(2) as pool:
        here = traces.trace_id()
        there = list(pool.map(traces.carried(trace_id_of), range(4)))

    assert here
    assert there == [here] * 4


def trace_id_of(_: int) -> str:
    return traces.trace_id()


def test_a_forged_parent_begins_a_trace_of_its_own(spans: InMemorySpanExporter) -> None:
    with traces.span("request", {"traceparent": "00-nonsense\n-1"}):
        assert len(traces.trace_id()) == 32

    (span,) = spans.get_finished_spans()
    assert span.parent is None


def test_a_collector_without_the_extra_stops_with_a_sentence() -> None:
    script = (
        "import sys; sys.modules['opentelemetry.exporter'] = None; sys.path[:0] = ['platform']\n"
        "from config import traces\n"
        "try:\n    traces.start('web')\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {traces.ENDPOINT: "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith("ImproperlyConfigured")
    assert "assay[otel]" in ended.stdout
