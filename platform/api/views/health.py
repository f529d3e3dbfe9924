"""Whether the web process can do its work, for the paper's clients and for supervisors."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from api import errors, problems


@problems.answered("GET", "HEAD")
def show(request: HttpRequest) -> HttpResponseBase:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")  # a bare SELECT 1 never touches SQLite's file
    except DatabaseError as error:
        raise errors.DatabaseBusy().with_header("Retry-After", "2") from error
    return JsonResponse({"status": "ok"})
