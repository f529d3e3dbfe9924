"""The WSGI application that waitress serves."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if "*" in (given := environ.get("CONTENT_TYPE", "")):  # a parameter in an encoding of its own (RFC 2231)
        try:
            parse_header_parameters(given)
        except ValueError:  # there is no such encoding: Django would fail before any of our code can answer
            environ["CONTENT_TYPE"] = "application/octet-stream"
    return _django(environ, start_response)
