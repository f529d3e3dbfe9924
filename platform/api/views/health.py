"""Whether the web process answers and can do its work: for the paper's clients, supervisors and load balancers."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from api import errors, problems
from status import readiness


@problems.answered("GET", "HEAD")
def show(request: HttpRequest) -> HttpResponseBase:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")  # a bare SELECT 1 never touches SQLite's file
    except DatabaseError as error:
        raise errors.DatabaseBusy().with_header("Retry-After", "2") from error
    return JsonResponse({"status": "ok"})


@problems.answered("GET", "HEAD")
def live(request: HttpRequest) -> HttpResponseBase:
    """That the process answers, and no more: starting it again mends no database."""
    return JsonResponse({"status": "ok"})


@problems.answered("GET", "HEAD")
def ready(request: HttpRequest) -> HttpResponseBase:
    """Whether work can be taken in. Without a broker or a worker it can: what is accepted is kept and waits."""
    found = readiness.look()
    if found.missing:
        raise errors.NotReady(checks=found.checks).with_header("Retry-After", "2")
    return JsonResponse({"status": "degraded" if found.degraded else "ready", "checks": found.checks})
