"""Images for the screen: re-encoded, without metadata, never the sender's own bytes."""

from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from api import renditions

WEBP = {(200, "image/webp"): OpenApiTypes.BINARY}


class ImageView(APIView):
    @extend_schema(operation_id="getAnalysisImage", responses=WEBP)
    def get(self, request: Request, analysis_id: UUID) -> HttpResponseBase:
        """The image, upright, at most 2048 px on its longer side."""
        return renditions.show(request, analysis_id, renditions.LARGE)


class ThumbnailView(APIView):
    @extend_schema(operation_id="getAnalysisThumbnail", responses=WEBP)
    def get(self, request: Request, analysis_id: UUID) -> HttpResponseBase:
        """The image, upright, at most 320 px on its longer side."""
        return renditions.show(request, analysis_id, renditions.SMALL)
