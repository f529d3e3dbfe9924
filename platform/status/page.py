"""The administrators' page on how the system does: workers, lanes, broker, database, disk."""

import shutil

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from registry.models import ModelVersion, State
from status import broker, drift, selectors
from status.readiness import look


def show(request: HttpRequest) -> HttpResponse:
    active = ModelVersion.objects.filter(state=State.ACTIVE).first()
    disk = shutil.disk_usage(settings.HOME)
    context = {
        **admin.site.each_context(request),
        "title": "Status",
        "readiness": look(),
        "workers": selectors.workers(),
        "lanes": selectors.lanes(),
        "broker": broker.state(),
        "database": f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}",
        "disk": disk,
        "is_disk_low": disk.free < 2 * settings.MIN_FREE_BYTES,
        "active": active,
        "drift": drift.latest(),
    }
    return TemplateResponse(request, "status/page.html", context)


# Below /admin/, and before the admin's own table: /admin/status/ would be its list of this room's tables.
urlpatterns = [path("", admin.site.admin_view(show), name="status")]
