"""The WSGI application that waitress serves."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    try:
        parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except ValueError:  # an encoding that there is not: Django would fail before any of our code can answer
        environ["CONTENT_TYPE"] = "application/octet-stream"
    return _django(environ, start_response)
