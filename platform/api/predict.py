"""`POST /predict` as the paper has it: one image in, two keys out, without a detour through the queue."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accounts import addresses, tokens
from accounts.models import Scope
from api import engine, errors, multipart, problems, scopes, throttles
from detector import Assessment, decode
from detector.errors import FileTooLarge

FIELD = "image"


@csrf_exempt  # no session is looked at, so there is none to ride on
@problems.answered("POST")
def judge(request: HttpRequest) -> HttpResponseBase:
    check_access(request)
    detector = engine.detector()
    (assessment,) = detector.assess([detector.examine(read_image(request))])
    return JsonResponse(
        {"result": assessment.result, "confidence": assessment.confidence},
        headers={"X-Model-Version": detector.version, **describe(assessment)},
    )


def describe(assessment: Assessment) -> dict[str, str]:
    """Headers with what the evidence allows to say; what does not apply or was not measured is left out."""
    ratio = assessment.likelihood_ratio
    headers = {
        "X-Verdict": assessment.verdict,
        "X-Strength": assessment.strength,
        "X-Likelihood-Ratio": ratio and f"{ratio.value:g} ({ratio.low:g}-{ratio.high:g})",
        "X-Lean": assessment.lean,
    }
    return {name: value for name, value in headers.items() if value}


def check_access(request: HttpRequest) -> None:
    """Counts the caller against the limit. Raises NotAuthenticated, ScopeMissing, Throttled."""
    user = None
    text = scopes.token_of(request)
    if text is not None:
        token = tokens.find(text)
        if token is None:
            raise errors.NotAuthenticated
        scopes.check(token, Scope.PREDICT)
        user = token.owner
    elif not admits_anybody(request):
        raise errors.NotAuthenticated
    throttles.check("predict", request, user)


def admits_anybody(request: HttpRequest) -> bool:
    if settings.PREDICT_ANONYMOUS == "loopback":
        return addresses.is_loopback(request)
    return bool(settings.PREDICT_ANONYMOUS == "always")


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
