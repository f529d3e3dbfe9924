"""Reads a multipart/form-data body part by part as it streams in, and notices when its end is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.http import HttpRequest
from django.http.multipartparser import FIELD, FILE, LazyStream, MultiPartParser, Parser
from django.utils.http import parse_header_parameters

from api import errors

CHUNK_BYTES = 64 * 1024
MAX_TEXT_BYTES = 10_000
MAX_TEXTS = 100
# Room after the closing boundary; the standard allows an epilogue, browsers send a line break.
TAIL_BYTES = 1024


@dataclass(frozen=True)
class Text:
    field: str
    value: str


@dataclass(frozen=True)
class File:
    """A file whose bytes must be read before the next part is asked for; what is left of them is skipped."""

    field: str
    filename: str  # as sent: for showing, never a path
    start: bytes  # the first bytes, to tell what it is
    stream: LazyStream

    def chunks(self) -> Iterator[bytes]:
        return chain([self.start], self.stream)


def parts(request: HttpRequest) -> Iterator[File | Text]:
    """The parts in their order. Django's own parser is driven here instead of through its upload handlers, because
    those hand a file over in pieces and cannot say that the body was cut short.

    Raises UnsupportedMedia, InvalidRequest, BodyTooLarge, TooManyFiles, and at the end TruncatedUpload.
    """
    boundary = boundary_of(request)
    body = Body(request, boundary)
    if not body.promised:
        return
    files = texts = 0
    source = LazyStream(iter(body))  # type: ignore[arg-type]  # any iterator of bytes will do
    for kind, headers, stream in Parser(source, boundary):
        options = headers.get("content-disposition", ("", {}))[1]
        field = text_of(options.get("name", b"")).strip()
        if kind == FILE:
            files += 1
            if files > settings.MAX_FILES_PER_REQUEST:
                raise errors.TooManyFiles
            yield File(field, text_of(options["filename"]), stream.read(4), stream)
        elif kind == FIELD:
            texts += 1
            content = stream.read(MAX_TEXT_BYTES + 1)
            if texts > MAX_TEXTS or len(content) > MAX_TEXT_BYTES:
                raise errors.InvalidRequest("The form has more or longer text fields than it may. Nothing was kept.")
            yield Text(field, text_of(content))
        elif stream.read(CHUNK_BYTES).strip() not in {b"", b"--"}:
            # Neither the end nor a part that can be read: dropping it silently might drop a file.
            raise errors.InvalidRequest("The form has a part whose headers cannot be read. Nothing was kept.")
        skip(stream)
    body.check_end()


def text_of(value: bytes | str) -> str:
    """Text only where the header said its encoding (RFC 5987); else UTF-8, whatever else it was."""
    return value if isinstance(value, str) else value.decode(errors="replace")


def skip(stream: LazyStream) -> None:
    for _ in stream:
        pass


def boundary_of(request: HttpRequest) -> bytes:
    content_type, options = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if content_type != "multipart/form-data":
        raise errors.UnsupportedMedia("Send the files as multipart/form-data. Nothing was kept.")
    boundary = options.get("boundary", "")
    if not MultiPartParser.boundary_re.fullmatch(boundary):
        raise errors.InvalidRequest("The form names no usable boundary between its parts. Nothing was kept.")
    return boundary.encode("ascii")


class Body:
    """The request's bytes, counted, with their end kept to look for the closing boundary."""

    def __init__(self, request: HttpRequest, boundary: bytes) -> None:
        self.request = request
        self.closing = b"--" + boundary + b"--"
        self.promised = int(request.META.get("CONTENT_LENGTH") or 0)
        self.received = 0
        self.tail = b""
        if self.promised > settings.MAX_REQUEST_BYTES:
            raise errors.BodyTooLarge

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.request.read(CHUNK_BYTES):
            self.received += len(chunk)
            self.tail = (self.tail + chunk)[-len(self.closing) - TAIL_BYTES :]
            yield chunk

    def check_end(self) -> None:
        for _ in self:
            pass
        if self.received != self.promised or self.closing not in self.tail:
            raise errors.TruncatedUpload
