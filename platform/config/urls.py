"""The table of URLs: the admin here, everything else in the API's own table."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Assay"

urlpatterns = [
    path("admin/status/", include("status.page")),
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
]
handler400 = "api.problems.bad_request"
handler403 = "api.problems.permission_denied"
handler404 = "api.problems.not_found"
handler500 = "api.problems.server_error"
