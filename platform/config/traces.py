"""OpenTelemetry spans, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; else nothing is imported and nothing costs.

The exporter reads the rest of OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, ...).
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

P = ParamSpec("P")
Answer = TypeVar("Answer")
Attribute = str | int | float | bool

_tracer: Any = None  # OpenTelemetry's, once started


def start(service: str) -> None:
    """Turns traces on for this process where the setting names a collector. Raises ImproperlyConfigured."""
    if not os.environ.get(ENDPOINT, "").strip() or _tracer is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  (an optional extra)
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  (an optional extra)
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            f"{ENDPOINT} is set, but {error.name} is not installed. Install the extra `otel` "
            "(pip install 'assay[otel]'), or leave the variable out."
        ) from None
    start_with(BatchSpanProcessor(OTLPSpanExporter()), service)


def start_with(processor: Any, service: str) -> None:
    """Turns traces on and gives every ended span to an OpenTelemetry span processor."""
    global _tracer
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  (an optional extra)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  (an optional extra)

    # OTEL_SERVICE_NAME goes first: Resource.create reads it, and a name given here would hide it.
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"assay-{service}"}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("assay")


def stop() -> None:
    global _tracer
    _tracer = None


@contextmanager
def span(name: str, parent: Mapping[str, str] | None = None, **attributes: Attribute) -> Iterator[None]:
    """A span around what happens inside; below the one in `parent`'s traceparent where that is given."""
    if _tracer is None:
        yield
        return
    from opentelemetry.propagate import extract  # noqa: PLC0415  (an optional extra)

    with _tracer.start_as_current_span(name, context=extract(parent) if parent else None, attributes=attributes):
        yield


def spanned(name: str) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Decorates a function whose every call is a span."""

    def decorate(act: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(act)
        def with_span(*args: P.args, **kwargs: P.kwargs) -> Answer:
            with span(name):
                return act(*args, **kwargs)

        return with_span

    return decorate


def note(**attributes: Attribute) -> None:
    """Adds to the present span what is known only now."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span  # noqa: PLC0415  (an optional extra)

    get_current_span().set_attributes(attributes)


def headers() -> dict[str, str]:
    """The present span as W3C trace context, to send along: a `traceparent`, or nothing."""
    carrier: dict[str, str] = {}
    if _tracer is not None:
        from opentelemetry.propagate import inject  # noqa: PLC0415  (an optional extra)

        inject(carrier)
    return carrier


def trace_id() -> str:
    """Of the present span, 32 hex digits; empty where there is none."""
    if _tracer is None:
        return ""
    from opentelemetry.trace import format_trace_id, get_current_span  # noqa: PLC0415  (an optional extra)

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""


def carried(act: Callable[P, Answer]) -> Callable[P, Answer]:
    """`act` for other threads, in each of which the present span and request id go on."""
    here = copy_context()

    def act_here(*args: P.args, **kwargs: P.kwargs) -> Answer:
        return here.copy().run(act, *args, **kwargs)  # a context can be entered by one thread at a time

    return act_here
