"""Exports: ask for a file of a batch's results, see whether it is written, fetch it."""

from uuid import UUID

from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import user_of
from api.serializers.exports import ExportListSerializer, ExportRequestSerializer, ExportSerializer
from api.views.media import HEADERS, Anything
from batches import exports, selectors, tables
from batches.exports import Wanted
from batches.models import Format

MOST_LISTED = 50
FILES = {(200, media_type.partition(";")[0]): OpenApiTypes.BINARY for media_type in tables.MEDIA_TYPES.values()}


class BatchExportsView(APIView):
    @extend_schema(operation_id="listExports", responses=ExportListSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """The latest 50 exports of a batch that are still kept."""
        batch = selectors.batch_of(user_of(request), batch_id)
        found = exports.exports_of(user_of(request)).filter(batch=batch)[:MOST_LISTED]
        return Response(ExportListSerializer({"results": found}).data)

    @extend_schema(operation_id="createExport", request=ExportRequestSerializer, responses={202: ExportSerializer})
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Have a batch's results written into a file, in the background."""
        batch = selectors.batch_of(user_of(request), batch_id)
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = Wanted(asked.validated_data.get("verdict", ""), asked.validated_data.get("state", ""))
        export = exports.request(batch, asked.validated_data["format"], wanted)
        location = reverse("export", args=[export.id])
        return Response(ExportSerializer(export).data, status=202, headers={"Location": location})


class ExportView(APIView):
    @extend_schema(operation_id="getExport", responses=ExportSerializer)
    def get(self, request: Request, export_id: UUID) -> Response:
        """One export: whether its file is written."""
        return Response(ExportSerializer(exports.export_of(user_of(request), export_id)).data)


class ExportFileView(APIView):
    content_negotiation_class = Anything

    @extend_schema(operation_id="getExportFile", responses=FILES)
    def get(self, request: Request, export_id: UUID) -> FileResponse:
        """The file, as an attachment."""
        export = exports.export_of(user_of(request), export_id)
        return FileResponse(
            exports.open_file(export),
            as_attachment=True,
            filename=f"{export.batch.name}.{export.format}",
            content_type=tables.MEDIA_TYPES[Format(export.format)],
            # S3's stream does not tell its length, by which a client sees whether it broke off.
            headers={**HEADERS, "Cache-Control": "private, no-store", "Content-Length": str(export.byte_size)},
        )
