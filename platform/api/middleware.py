"""Gives every request an id that the answer, the log and the screen share."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ACCEPTED = re.compile(r"[A-Za-z0-9-]{1,64}")  # nothing that could forge a log line
HEADER = "X-Request-ID"


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request.META["request_id"] = given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        response = get_response(request)
        response.headers[HEADER] = id_of(request)
        return response

    return middleware


def id_of(request: HttpRequest) -> str:
    return str(request.META.get("request_id", ""))
