"""What there is to measure, for Prometheus: to callers on this machine, or with the token of the setting."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from accounts import addresses
from api import errors, problems
from status import metrics


@problems.answered("GET", "HEAD")
def show(request: HttpRequest) -> HttpResponseBase:
    if not admits(request):
        raise errors.NotAuthenticated
    return HttpResponse(metrics.expose(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def admits(request: HttpRequest) -> bool:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bool(settings.METRICS_TOKEN) and constant_time_compare(text.strip(), settings.METRICS_TOKEN)
    if settings.METRICS == "loopback":
        return addresses.is_loopback(request)
    return bool(settings.METRICS == "always")
