"""What the API itself finds wrong with a request; `problems` turns these and everybody else's errors into answers.

ApiError
 ├ MissingImage       missing_image       400
 ├ NoFiles            no_files            400
 ├ TooManyFiles       too_many_files      400
 ├ TruncatedUpload    truncated_upload    400
 ├ InvalidCursor      invalid_cursor      400
 ├ InvalidRequest     invalid_request     400
 ├ UnknownHost        unknown_host        400
 ├ NotAuthenticated   not_authenticated   401
 ├ CsrfFailed         csrf_failed         403
 ├ PermissionDenied   permission_denied   403
 ├ ScopeMissing       scope_missing       403
 ├ NotFound           not_found           404
 ├ MethodNotAllowed   method_not_allowed  405
 ├ NotAcceptable      not_acceptable      406
 ├ BodyTooLarge       body_too_large      413
 ├ UnsupportedMedia   unsupported_media_type  415
 ├ NothingAccepted    nothing_accepted    422
 ├ Throttled          throttled           429
 ├ ServerError        server_error        500
 ├ DatabaseBusy       database_busy       503
 ├ NotReady           not_ready           503
 └ StorageFull        storage_full        507
"""

from collections.abc import Mapping
from typing import Any, Self


class ApiError(Exception):
    status = 400
    code = ""
    title = ""
    message = ""

    def __init__(self, detail: str = "", **members: Any) -> None:
        self.detail = detail or self.message
        self.members: Mapping[str, Any] = members  # further members of the problem: errors, rejected
        self.headers: dict[str, str] = {}
        super().__init__(self.detail)

    def with_header(self, name: str, value: str) -> Self:
        self.headers[name] = value
        return self


class MissingImage(ApiError):
    code = "missing_image"
    title = "No image"
    message = "The form has no file in the field `image`. Send one image as multipart/form-data in that field."


class NoFiles(ApiError):
    code = "no_files"
    title = "No files"
    message = "The form has no file in the field `images`. Nothing was kept; choose files and send them again."


class TooManyFiles(ApiError):
    code = "too_many_files"
    title = "Too many files"
    message = "One request takes up to 500 files. Nothing was kept; send fewer files at a time, or one ZIP."


class TruncatedUpload(ApiError):
    code = "truncated_upload"
    title = "Upload cut short"
    message = "The upload ended before its last byte. Nothing was kept; check the connection and send it again."


class InvalidCursor(ApiError):
    code = "invalid_cursor"
    title = "Unknown cursor"
    message = "This cursor did not come from this list. Start again without a cursor."


class InvalidRequest(ApiError):
    code = "invalid_request"
    title = "Request not understood"
    message = "The request has fields that cannot be read. Nothing was changed; correct them and send it again."


class UnknownHost(ApiError):
    code = "unknown_host"
    title = "Asked for by another name"
    message = (
        "This server is not known by the name or address in Host. Whoever runs it may add it to ASSAY_ALLOWED_HOSTS."
    )


class NotAuthenticated(ApiError):
    status = 401
    code = "not_authenticated"
    title = "Not logged in"
    message = "This needs a login or a valid token. Log in, or send `Authorization: Bearer` with a token of yours."


class CsrfFailed(ApiError):
    status = 403
    code = "csrf_failed"
    title = "Request could not be trusted"
    message = "The X-CSRFToken header does not fit this session. Nothing was changed; reload the page and try again."


class PermissionDenied(ApiError):
    status = 403
    code = "permission_denied"
    title = "Not allowed"
    message = "Your account may not do this. Ask an administrator for the right to."


class ScopeMissing(ApiError):
    status = 403
    code = "scope_missing"
    title = "Token not made for this"
    message = "This token may not do this. Make one with a wider scope on the dashboard under Integrations."


class NotFound(ApiError):
    status = 404
    code = "not_found"
    title = "Not found"
    message = "There is nothing of yours at this address. It may belong to somebody else or never have existed."


class MethodNotAllowed(ApiError):
    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    message = "This address does not answer this method. The schema at /api/v1/schema says which it answers."


class NotAcceptable(ApiError):
    status = 406
    code = "not_acceptable"
    title = "No such representation"
    message = "This address answers JSON. Ask for application/json, or for anything."


class BodyTooLarge(ApiError):
    status = 413
    code = "body_too_large"
    title = "Request too large"
    message = (
        "One request takes up to 200 MB of files and 1 MB of anything else. Nothing was kept; "
        "send the files in smaller groups."
    )


class UnsupportedMedia(ApiError):
    status = 415
    code = "unsupported_media_type"
    title = "Content type not supported"
    message = "This address does not read this content type. Nothing was kept; the schema says which it reads."


class NothingAccepted(ApiError):
    status = 422
    code = "nothing_accepted"
    title = "No file was accepted"
    message = "None of the files can be analysed; `rejected` says why for each. Nothing was kept."


class Throttled(ApiError):
    status = 429
    code = "throttled"
    title = "Too many attempts"
    message = "Too many requests. Wait a while, then try again."


class ServerError(ApiError):
    status = 500
    code = "server_error"
    title = "Error on our side"
    message = (
        "Something failed here. What was accepted before is safe; try again, and report the request id if it stays."
    )


class DatabaseBusy(ApiError):
    status = 503
    code = "database_busy"
    title = "Database busy"
    message = "The database did not answer in time. What was accepted before is safe; try again in a few seconds."


class NotReady(ApiError):
    status = 503
    code = "not_ready"
    title = "Not ready"
    message = "Something this process cannot work without is missing; `checks` says what. It asks again by itself."


class StorageFull(ApiError):
    status = 507
    code = "storage_full"
    title = "Disk full"
    message = "There is no room for more images. Nothing of this request was kept; free space, then send it again."
