"""Whether the web process can do its work, for the paper's clients and for supervisors."""

from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from api import problems


@problems.answered
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
