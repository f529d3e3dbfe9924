"""Takes the files of an upload in one after the other, says of each whether it can be analysed, and answers."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api import errors, multipart
from api.authentication import user_of
from api.serializers.batches import UploadAnswerSerializer, UploadSerializer
from batches import archives, forecast, intake, names, quotas, store, submissions
from batches.errors import ArchiveError, TooLarge
from batches.intake import Refusal, Upload
from batches.store import Received
from batches.submissions import Sent
from detector import decode
from detector.errors import DecodeError, EmptyFile

FIELD = "images"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
REFUSABLE = (DecodeError, ArchiveError, TooLarge)  # what is wrong with one file and no matter for the others


@dataclass
class Form:
    name: str = ""
    uploads: list[Upload] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    entries: int = 0  # of archives, so far
    entry_bytes: int = 0  # unpacked, as their directories state them


def accept(request: Request, batch_id: UUID | None) -> Response:
    """Answers 202 once the accepted files are on disk and in the database; whatever fails leaves nothing behind."""
    key = check_key(request)
    if not key:  # what came before with its key has its answer, however much waits
        quotas.check(user_of(request))  # before 200 MB are read for nothing
    with ExitStack() as leftovers:
        form = read_form(request, leftovers)
        if not form.uploads and not form.refused:
            raise errors.NoFiles
        if not form.uploads:
            raise errors.NothingAccepted(rejected=[asdict(refusal) for refusal in form.refused])
        accepted = intake.accept(
            owner=user_of(request),
            uploads=form.uploads,
            name=form.name,
            batch_id=batch_id,
            sent=Sent(key, fingerprint_of(form, batch_id)) if key else None,
        )
        leftovers.pop_all()
    refused = form.refused + accepted.refused
    if not accepted.analyses:
        raise errors.NothingAccepted(rejected=[asdict(refusal) for refusal in refused])
    answer = {
        "batch": accepted.batch,
        "accepted": [{"filename": row.filename, "analysis": row.id} for row in accepted.analyses],
        "rejected": [asdict(refusal) for refusal in refused],
    }
    location = reverse("batch", args=[accepted.batch.id])
    context = {"forecast": forecast.forecast_of(accepted.batch)}
    return Response(UploadAnswerSerializer(answer, context=context).data, status=202, headers={"Location": location})


def read_form(request: Request, leftovers: ExitStack) -> Form:
    """`leftovers` discards what was received, unless the caller takes that off it again."""
    form = Form()
    for part in multipart.parts(request._request):
        if isinstance(part, multipart.Text):
            if part.field == "name":
                form.name = check_name(part.value)
        elif part.field == FIELD and (part.filename or part.start):  # a browser sends an empty field as a nameless file
            take(part, form, leftovers)
    return form


def take(part: multipart.File, form: Form, leftovers: ExitStack) -> None:
    """Told by its bytes: an archive is opened and its entries taken, anything else must be an image."""
    if part.start not in ZIP_STARTS:
        take_image(part.filename, part.chunks(), form, leftovers)
        return
    archive = store.receive(part.chunks(), filename=part.filename, max_bytes=settings.MAX_REQUEST_BYTES)
    try:
        before = len(form.uploads) + len(form.refused)
        entries = archives.open_entries(archive.path, entries_before=form.entries, bytes_before=form.entry_bytes)
        for entry in entries:
            form.entries += 1
            form.entry_bytes += entry.record.file_size
            take_image(entry.filename, entry.chunks(), form, leftovers)
        if len(form.uploads) + len(form.refused) == before:
            raise EmptyFile
    except (ArchiveError, EmptyFile) as error:
        form.refused.append(Refusal(archive.filename, error.code, str(error)))
    finally:
        store.discard(archive)


def take_image(filename: str, chunks: Iterator[bytes], form: Form, leftovers: ExitStack) -> None:
    try:
        received = store.receive(chunks, filename=filename, max_bytes=decode.MAX_BYTES)
        leftovers.callback(store.discard, received)
        form.uploads.append(examine(received))
    except REFUSABLE as error:
        form.refused.append(Refusal(names.clean_filename(filename), error.code, str(error)))


def examine(received: Received) -> Upload:
    try:
        with received.path.open("rb") as file:
            header = decode.read_header(file)
    except DecodeError:
        store.discard(received)  # at once: a request may bring 50,000 of them
        raise
    return Upload(received, header.format, header.width, header.height)


def check_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 255 or not all("!" <= letter <= "~" for letter in key):
        raise errors.InvalidRequest(
            "An Idempotency-Key has up to 255 visible ASCII characters. Nothing was kept; send the upload again "
            "with such a key, or without one."
        )
    return key


def fingerprint_of(form: Form, batch_id: UUID | None) -> str:
    files = [(upload.received.filename, upload.received.sha256) for upload in form.uploads]
    refused = [(refusal.filename, refusal.code) for refusal in form.refused]
    return submissions.fingerprint_of(batch_id, form.name, files + refused)


def check_name(value: str) -> str:
    fields = UploadSerializer(data={"name": value}, partial=True)
    fields.is_valid(raise_exception=True)
    return names.clean_text(str(fields.validated_data["name"]))
