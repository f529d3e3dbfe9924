"""Images for the screen and as they were sent, private to those who may see the analysis."""

from collections.abc import Iterable
from pathlib import PurePath
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api import problems, renditions
from api.authentication import user_of
from batches import selectors, store
from batches.errors import BatchesError
from batches.models import Analysis
from detector import stripping
from detector.errors import DecodeError

ORIGINAL = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY}
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",  # an analysis never gets another image
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Anything(BaseContentNegotiation):
    """An image element asks for image/*, which no JSON renderer could promise."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


class ImageView(APIView):
    content_negotiation_class = Anything

    @extend_schema(operation_id="getAnalysisImage", responses=JPEG)
    def get(self, request: Request, analysis_id: UUID) -> HttpResponse:
        """The image, upright, at most 2048 px on its longer side; of an animation the frame that decided."""
        return picture(request, analysis_id, renditions.LARGE)


class ThumbnailView(APIView):
    content_negotiation_class = Anything

    @extend_schema(operation_id="getAnalysisThumbnail", responses=JPEG)
    def get(self, request: Request, analysis_id: UUID) -> HttpResponse:
        """The image, upright, at most 320 px on its longer side."""
        return picture(request, analysis_id, renditions.SMALL)


class OriginalView(APIView):
    content_negotiation_class = Anything

    @extend_schema(operation_id="getAnalysisOriginal", responses=ORIGINAL)
    def get(self, request: Request, analysis_id: UUID) -> HttpResponse:
        """The bytes as they were sent, as an attachment; without their metadata where the installation says so."""
        analysis = shown(request, analysis_id)
        # Whole, not streamed: 20 MB at most, and no byte goes out before all are held against their hash.
        try:
            content = store.read(analysis.image_id)
        except BatchesError as error:
            raise problems.absent(error) from error
        if settings.STRIP_ORIGINALS:
            with renditions.decoding:
                content = stripping.strip(content)
        disposition = content_disposition_header(as_attachment=True, filename=analysis.filename)
        headers = {**HEADERS, "Cache-Control": "private, no-store", "Content-Disposition": disposition}
        return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def picture(request: Request, analysis_id: UUID, rendition: renditions.Rendition) -> HttpResponse:
    analysis = shown(request, analysis_id)
    try:
        content = renditions.render(analysis.image_id, rendition, analysis.frames["deciding"] if analysis.frames else 0)
    except (DecodeError, BatchesError) as error:
        raise problems.absent(error) from error
    name = f"{PurePath(analysis.filename).stem}.jpg"
    disposition = content_disposition_header(as_attachment=False, filename=name)
    headers = {**HEADERS, "Content-Disposition": disposition}
    if analysis.finished_at is None:  # which frame decides is not known yet
        headers["Cache-Control"] = "private, no-store"
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


def shown(request: Request, analysis_id: UUID) -> Analysis:
    return get_object_or_404(selectors.analyses_shown_to(user_of(request)), id=analysis_id)
