"""Serves the built dashboard at every address that is not the API's; the browser's router does the rest."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

NOT_BUILT = """<!doctype html><html lang="en"><title>Assay</title>
<h1>The dashboard is not built yet</h1>
<p>Run <code>make run</code>: it builds the dashboard and starts everything. The API answers already.</p></html>"""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    try:
        page, status = (settings.FRONTEND / "index.html").read_text(), 200
    except OSError:
        page, status = NOT_BUILT, 503
    # Never cached: the page names the hashed assets of one build.
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-cache"})
