"""Batches: send images in, list, follow one, have another model repeat one."""

from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import pages, uploads
from api.authentication import user_of
from api.serializers.batches import (
    BatchPageSerializer,
    BatchSerializer,
    ComparisonSerializer,
    PageQuerySerializer,
    ReanalysisSerializer,
    UploadAnswerSerializer,
    UploadSerializer,
)
from batches import lifecycle, selectors
from batches.lifecycle import Choice
from registry.selectors import version_of

UPLOAD = {"multipart/form-data": UploadSerializer}
UPLOADED = {202: UploadAnswerSerializer}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Of your choice, up to 100 characters. The same upload sent again with it within a day, because its "
    "answer was lost, gets that answer and makes no second batch.",
)


class BatchesView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="listBatches", parameters=[PageQuerySerializer], responses=BatchPageSerializer)
    def get(self, request: Request) -> Response:
        """Your batches, newest first."""
        query = PageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = pages.cut(selectors.batches_of(user_of(request)), pages.NEWEST_FIRST, **query.validated_data)
        return Response(BatchPageSerializer({"next_cursor": page.next_cursor, "results": page.rows}).data)

    @extend_schema(operation_id="createBatch", parameters=[KEY], request=UPLOAD, responses=UPLOADED)
    def post(self, request: Request) -> Response:
        """Send images, ZIP archives or both, up to 500 files and 200 MB a request. After the answer they are safe."""
        return uploads.accept(request, batch_id=None)


class BatchView(APIView):
    @extend_schema(operation_id="getBatch", responses=BatchSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """One batch: counts, progress, rate, time left."""
        return Response(BatchSerializer(selectors.batch_of(user_of(request), batch_id)).data)


class BatchImagesView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="addImages", parameters=[KEY], request=UPLOAD, responses=UPLOADED)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add images to a batch, up to 50,000 in all."""
        selectors.batch_of(user_of(request), batch_id)  # before 200 MB are read for nothing
        return uploads.accept(request, batch_id=batch_id)


class ReanalysisView(APIView):
    @extend_schema(operation_id="createReanalysis", request=ReanalysisSerializer, responses={202: BatchSerializer})
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Have another model judge a batch's images, or some of them, in a new batch; the old results stay."""
        batch = selectors.batch_of(user_of(request), batch_id)
        wanted = ReanalysisSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        choice = dict(wanted.validated_data)
        version = version_of(choice.pop("model_version")).version
        made = lifecycle.repeat(batch, model_version=version, choice=Choice(**choice))
        return Response(BatchSerializer(made).data, status=202, headers={"Location": reverse("batch", args=[made.id])})


class ComparisonView(APIView):
    @extend_schema(operation_id="getBatchComparison", responses=ComparisonSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """What another model changed: the verdicts of this batch beside those of the batch it repeats."""
        batch = selectors.batch_of(user_of(request), batch_id)
        return Response(ComparisonSerializer(selectors.comparison_of(batch)).data)
