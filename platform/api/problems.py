"""The one place where trouble becomes an answer: problem+json of one shape, whatever was raised."""

import errno
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from django.core import exceptions as core
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views import defaults
from rest_framework import exceptions as rest

from accounts.errors import AccountError, TooManyAttempts
from api import errors
from api.middleware import id_of
from batches import quotas
from batches.errors import BacklogFull, BatchesError, QuotaExceeded, StorageAway
from detector.errors import DetectorError
from registry.errors import RegistryError

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponseBase]

OURS: Mapping[type[Exception], type[errors.ApiError]] = {
    Http404: errors.NotFound,
    UnreadablePostError: errors.TruncatedUpload,
    MultiPartParserError: errors.InvalidRequest,
    core.ObjectDoesNotExist: errors.NotFound,  # it was deleted while it was asked for
    core.PermissionDenied: errors.PermissionDenied,
    core.RequestDataTooBig: errors.BodyTooLarge,
    core.TooManyFilesSent: errors.TooManyFiles,
    core.SuspiciousOperation: errors.InvalidRequest,
    core.BadRequest: errors.InvalidRequest,
    core.DisallowedHost: errors.UnknownHost,
    DataError: errors.InvalidRequest,  # a zero byte, which a cookie can hold and PostgreSQL cannot
    rest.NotFound: errors.NotFound,
    rest.NotAuthenticated: errors.NotAuthenticated,
    rest.AuthenticationFailed: errors.NotAuthenticated,
    rest.PermissionDenied: errors.PermissionDenied,
    rest.MethodNotAllowed: errors.MethodNotAllowed,
    rest.NotAcceptable: errors.NotAcceptable,
    rest.UnsupportedMediaType: errors.UnsupportedMedia,
    rest.ParseError: errors.InvalidRequest,
}
# The codes of other rooms; what is not named here is a file or a form that cannot be used.
STATUS = {
    "already_active": 409,
    "batch_cancelled": 409,
    "batch_changed": 409,
    "backlog_full": 503,
    "bundle_corrupt": 503,
    "bundle_missing": 503,
    "engine_unknown": 503,
    "export_not_ready": 409,
    "file_corrupt": 404,
    "file_missing": 404,
    "file_too_large": 413,
    "idempotency_key_reused": 409,
    "login_failed": 401,
    "over_quota": 413,
    "quota_exceeded": 429,
    "no_active_version": 503,
    "not_found": 404,
    "nothing_before": 409,
    "storage_busy": 503,
    "storage_away": 503,
    "storage_full": 507,
    "throttled": 429,
    "unsupported_format": 415,
    "unsupported_kind": 415,
    "version_not_found": 404,
    "version_taken": 409,
}


def render(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler; None lets Django log the traceback and ask `server_error`."""
    problem = problem_of(error)
    return answer(context["request"]._request, problem) if problem else None


def answered(*methods: str) -> Callable[[View], View]:
    """Makes a plain Django view answer these methods alone, and its errors like the API's."""

    def decorate(view: View) -> View:
        @wraps(view)
        def with_problems(request: HttpRequest) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise errors.MethodNotAllowed().with_header("Allow", ", ".join(methods))
                return view(request)
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                return answer(request, problem)

        return with_problems

    return decorate


def absent(error: DetectorError | BatchesError) -> errors.ApiError:
    """A picture that cannot be made is not there, and the code says why; one that is out of reach may be."""
    problem = from_room(error)
    if not isinstance(error, StorageAway):
        problem.status = 404
    return problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return answer(request, problem_of(exception) or errors.InvalidRequest())
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return answer(request, errors.PermissionDenied())
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return answer(request, errors.NotFound()) if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return answer(request, errors.ServerError()) if is_api(request) else defaults.server_error(request)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/predict", "/health", "/livez", "/readyz", "/metrics"))


def answer(request: HttpRequest, problem: errors.ApiError) -> HttpResponse:
    content = {
        "type": f"urn:assay:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": id_of(request),
        **problem.members,
    }
    if problem.status == 401:
        problem.with_header("WWW-Authenticate", 'Bearer realm="Assay"')
    return JsonResponse(
        content, status=problem.status, headers=problem.headers, content_type="application/problem+json"
    )


def problem_of(error: Exception) -> errors.ApiError | None:
    """What the client is told about `error`; None where it is a mistake of ours that nobody foresaw."""
    if isinstance(error, errors.ApiError):
        return error
    if isinstance(error, DetectorError | BatchesError | AccountError | RegistryError):
        return from_room(error)
    if isinstance(error, OperationalError | InterfaceError):
        return from_database(error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return errors.StorageFull()
    if isinstance(error, rest.ValidationError):
        return errors.InvalidRequest(errors=list(field_errors(error.detail)))
    if isinstance(error, rest.Throttled):
        return errors.Throttled().with_header("Retry-After", str(round(getattr(error, "wait", None) or 60)))
    for kind in type(error).__mro__:
        if kind in OURS:
            return OURS[kind]()
    return None


def from_room(error: DetectorError | BatchesError | AccountError | RegistryError) -> errors.ApiError:
    problem = errors.ApiError()
    problem.code = error.code
    problem.status = STATUS.get(error.code, 422)
    problem.title = error.code.replace("_", " ").capitalize()
    problem.detail = str(error) or error.message
    if isinstance(error, TooManyAttempts):
        problem.with_header("Retry-After", str(error.retry_after_seconds))
    if isinstance(error, QuotaExceeded | BacklogFull):
        problem.with_header("Retry-After", str(quotas.RETRY_SECONDS))
    if problem.status == 503:
        problem.headers.setdefault("Retry-After", "5")
        logger.error("%s", error)
    return problem


def from_database(error: OperationalError | InterfaceError) -> errors.ApiError | None:
    cause = error.__cause__
    name = cause.sqlite_errorname if isinstance(cause, sqlite3.OperationalError) else ""
    if name == "SQLITE_FULL" or getattr(cause, "sqlstate", None) == "53100":
        return errors.StorageFull()
    if isinstance(cause, sqlite3.Error) and not name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN")):
        return None  # a missing table is no passing trouble
    logger.error("The database does not answer: %s", error)
    return errors.DatabaseBusy().with_header("Retry-After", "2")


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for field, inner in detail.items():
            yield from field_errors(inner, f"{path}.{field}" if path else str(field))
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, path)
    else:
        yield {"field": path or "non_field_errors", "detail": str(detail)}
