"""`manage.py web`: the web process; waitress, which buffers slow clients, with our limits."""

import signal
import socket
import sys
from argparse import ArgumentParser
from typing import Any

import waitress
from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.servers.basehttp import get_internal_wsgi_application

THREADS = 8
# Out of a forward pass, a thread waits so long for another's Python to let go; 5 ms, as Python has it, idles cores.
SWITCH_SECONDS = 0.0001
SLOW_CLIENT_SECONDS = 60
# The multipart frame and the text fields come on top of the files themselves.
FRAME_BYTES = 1024 * 1024


class Command(BaseCommand):
    help = "Serve HTTP on an address, or on a listening socket inherited as a file descriptor."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", default=f"{settings.HOST}:{settings.PORT}")
        parser.add_argument("--fd", type=int)

    def handle(self, *, listen: str, fd: int | None, **_: Any) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        # Waitress ends what it has begun. Without a handler a container's first process would not hear the signal at
        # all, and another would leave callers without their answer.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        where = {"listen": listen} if fd is None else {"sockets": [socket.socket(fileno=fd)]}
        waitress.serve(
            get_internal_wsgi_application(),
            **where,
            threads=THREADS,
            max_request_body_size=settings.MAX_REQUEST_BYTES + FRAME_BYTES,
            channel_timeout=SLOW_CLIENT_SECONDS,
            # Waitress would drop X-Forwarded-For and -Proto, by which we tell who asks and whether TLS was spoken. What
            # of them is believed is ours to say: PROXY_COUNT, SECURE_PROXY.
            clear_untrusted_proxy_headers=False,
            ident="",
        )
