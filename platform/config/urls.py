"""The table of URLs: the admin here, everything else in the API's own table."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Assay"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
]
handler400 = "api.errors.bad_request"
handler403 = "api.errors.permission_denied"
handler404 = "api.errors.not_found"
handler500 = "api.errors.server_error"
