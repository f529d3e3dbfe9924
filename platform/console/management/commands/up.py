"""`manage.py up`: broker, web processes, one worker and beat, together, on one data folder."""

import os
import sys
import time
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from console import broker, preflight
from console.errors import CannotStart
from console.supervisor import Child, Supervisor

# Four processes that import at once on two cores all take twice as long; the one people wait for goes first.
HEAD_START_SECONDS = 2.0


class Command(BaseCommand):
    help = "Start everything on this machine and keep it running until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *, host: str, port: int, **_: Any) -> None:
        try:
            self._run(host, port)
        except CannotStart as reason:
            self.stderr.write(str(reason))
            sys.exit(1)

    def _run(self, host: str, port: int) -> None:
        preflight.make_folders()
        with preflight.lock(), preflight.bind(host, port) as listener, preflight.meters():
            preflight.check_bundle()
            preflight.check_face_model()
            preflight.migrate()
            password = preflight.make_administrator()
            connection.close()
            self._greet(host, port, password)
            Supervisor(_children(listener.fileno()), report=self._say).run()
        self._say("Stopped. Everything accepted is kept and goes on at the next start.")

    def _greet(self, host: str, port: int, password: str | None) -> None:
        shown = f"[{host}]" if ":" in host else host
        self._say(f"Assay is starting on http://{shown}:{port}  (data in {settings.HOME}; Ctrl-C ends it)")
        if password is not None:
            self._say(
                f"\n  First administrator: {preflight.ADMINISTRATOR}\n  Password (shown once):  {password}\n\n"
                f"  Change it with `manage.py changepassword {preflight.ADMINISTRATOR}`.\n"
            )

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _children(listener_fd: int) -> list[Child]:
    environment = {**os.environ, **_places()}

    def child(name: str, *command: str, due: float = 0.0) -> Child:
        log_file = settings.HOME / "logs" / f"{name}.log"
        return Child(name, command, log_file, settings.ROOT, environment=environment, due=due)

    def web(name: str, *, due: float = 0.0) -> Child:
        return replace(
            child(name, sys.executable, "manage.py", "web", "--fd", str(listener_fd), due=due),
            pass_fds=(listener_fd,),
            environment={**environment, "PROMETHEUS_MULTIPROC_DIR": str(settings.METERS)},
        )

    later = time.monotonic() + HEAD_START_SECONDS
    celery = (sys.executable, "-m", "celery", "-q", "-A", "workers.app")  # -q: no banner
    return [
        *([] if broker.is_external() else [child("broker", *broker.command())]),
        web("web"),
        *(web(f"web{number}", due=later) for number in range(2, settings.WEB_PROCESSES + 1)),
        child("worker", *celery, "worker", "--pool=solo", "-Q", "interactive,default,bulk", "-n", "w1@%h", due=later),
        child("beat", *celery, "beat", "-s", str(settings.RUN / "beat-schedule"), due=later),
    ]


def _places() -> dict[str, str]:
    """The folders and files as they are from here: to the children, who work elsewhere, a relative one is another."""
    places = {
        "ASSAY_HOME": settings.HOME,
        "ASSAY_BUNDLE": settings.BUNDLE,
        "ASSAY_FRONTEND": settings.FRONTEND,
        "ASSAY_FACE_MODEL": settings.FACE_MODEL,
        "ASSAY_PULSE": settings.PULSE,
    }
    return {name: str(place) for name, place in places.items() if place}
