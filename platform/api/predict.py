"""`POST /predict` as the paper has it: one image in, two keys out, without a detour through the queue."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accounts import tokens
from api import engine, errors, multipart, problems
from detector import decode
from detector.errors import FileTooLarge

FIELD = "image"
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@csrf_exempt  # no session is looked at, so there is none to ride on
@problems.answered("POST")
def judge(request: HttpRequest) -> HttpResponseBase:
    check_access(request)
    detector = engine.detector()
    (assessment,) = detector.assess([detector.examine(read_image(request))])
    return JsonResponse(
        {"result": assessment.result, "confidence": assessment.confidence},
        headers={"X-Model-Version": detector.version, "X-Verdict": assessment.verdict},
    )


def check_access(request: HttpRequest) -> None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if tokens.find(text.strip()) is None:
            raise errors.NotAuthenticated
    elif not admits_anybody(request):
        raise errors.NotAuthenticated


def admits_anybody(request: HttpRequest) -> bool:
    if settings.PREDICT_ANONYMOUS == "loopback":
        return is_local(request)
    return bool(settings.PREDICT_ANONYMOUS == "always")


def is_local(request: HttpRequest) -> bool:
    """Whether the caller is on this machine; a proxy on it would make everybody look so, but says for whom it asks."""
    if any(name in request.META for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def read_image(request: HttpRequest) -> bytes:
    """The bytes in the field `image`; the form is read to its end, so half a form is never judged."""
    content: bytes | None = None
    for part in multipart.parts(request):
        if isinstance(part, multipart.File) and part.field == FIELD and (part.filename or part.start):
            content = part.start + part.stream.read(decode.MAX_BYTES + 1)
            if len(content) > decode.MAX_BYTES:
                raise FileTooLarge
    if content is None:
        raise errors.MissingImage
    return content
