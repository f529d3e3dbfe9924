"""Gives every request an id that answer, log, trace, permit and screen share, and counts and logs what was answered."""

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from config import logs, meters, traces

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}  # anybody can make up others
PROBES = {"health", "livez", "readyz", "metrics"}  # counted, but a log of them says nothing


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    traces.start("web")

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = logs.fit(request.headers.get(HEADER)) or uuid.uuid4().hex
        request.META["request_id"] = given
        with logs.for_request(given), traces.span("request", traceparent_of(request), method=method_of(request)):
            response = get_response(request)
            response.headers[HEADER] = given
            if request.method == "HEAD":
                drop_body(response)
            record(request, response, time.perf_counter() - started)
            return response

    return middleware


def drop_body(response: HttpResponseBase) -> None:
    """Our server sends whatever it is given, and a client that asked by HEAD takes it for the next answer."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    elif isinstance(response, HttpResponse):
        response.setdefault("Content-Length", str(len(response.content)))  # without one the server ends it as if it had
        response.content = b""


def id_of(request: HttpRequest) -> str:
    return str(request.META.get("request_id", ""))


def record(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """By the route, never by the path: there are as many paths as anybody makes up."""
    route = route_of(request)
    meters.http_requests.labels(method_of(request), route, str(response.status_code)).inc()
    meters.http_seconds.labels(route).observe(seconds)
    traces.note(route=route, status=response.status_code)
    if route and route not in PROBES:
        logger.info(
            "%s %s %d in %.0f ms",
            method_of(request),
            request.path,
            response.status_code,
            seconds * 1000,
            extra={"route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)},
        )


def route_of(request: HttpRequest) -> str:
    """Its name in the table of URLs; empty for what never came so far, a file of the dashboard mostly."""
    match = request.resolver_match
    return (match.view_name or match.route) if match else ""


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "other"


def traceparent_of(request: HttpRequest) -> dict[str, str]:
    return {"traceparent": given} if (given := request.headers.get("traceparent")) else {}
