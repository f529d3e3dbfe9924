"""Batches: send images in, list, follow one, pause, cancel, retry or delete it, have another model repeat it."""

from typing import ClassVar
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
    DeletionPageSerializer,
    DeletionSerializer,
    PageQuerySerializer,
    ReanalysisSerializer,
    RetrySerializer,
    UploadAnswerSerializer,
    UploadSerializer,
    Which,
)
from batches import deletion, forecast, lifecycle, quotas, selectors
from batches.lifecycle import Choice
from batches.models import Analysis, Batch
from registry.selectors import version_of

STATES = {Which.FAILED: lifecycle.FAILURES, Which.ALL: lifecycle.WITHOUT_RESULT}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Up to 255 visible characters of your choice. The same upload sent again with its key, within 7 days, "
    "has the same answer and adds nothing; another upload with it is refused (409).",
)
UPLOADS = {"POST": "upload"}  # the limits that requests count against: see throttles
UPLOAD = {"multipart/form-data": UploadSerializer}


def show(batch: Batch, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One batch, with its place in the queue."""
    shown = BatchSerializer(batch, context={"forecast": forecast.forecast_of(batch)})
    return Response(shown.data, status=status, headers=headers)


class BatchesView(APIView):
    rates: ClassVar = UPLOADS
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="listBatches", parameters=[PageQuerySerializer], responses=BatchPageSerializer)
    def get(self, request: Request) -> Response:
        """Your batches, newest first."""
        query = PageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = pages.cut(selectors.batches_of(user_of(request)), pages.NEWEST_FIRST, **query.validated_data)
        return Response(BatchPageSerializer({"next_cursor": page.next_cursor, "results": page.rows}).data)

    @extend_schema(
        operation_id="createBatch", parameters=[KEY], request=UPLOAD, responses={202: UploadAnswerSerializer}
    )
    def post(self, request: Request) -> Response:
        """Send images, ZIP archives or both, up to 500 files and 200 MB a request. After the answer they are safe."""
        return uploads.accept(request, batch_id=None)


class BatchView(APIView):
    @extend_schema(operation_id="getBatch", responses=BatchSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """One batch: counts, progress, rate, time left."""
        return show(selectors.batch_of(user_of(request), batch_id))

    @extend_schema(operation_id="deleteBatch", responses={200: DeletionSerializer})
    def delete(self, request: Request, batch_id: UUID) -> Response:
        """Delete a batch for good: results, exports, and the images nobody else uses. The receipt stays."""
        user = user_of(request)
        receipt = selectors.deletions_of(user).filter(batch_id=batch_id).first()
        if receipt is None:
            selectors.batch_of(user, batch_id)
            receipt = deletion.delete(batch_id, by=user)
        return Response(DeletionSerializer(receipt).data)


class BatchImagesView(APIView):
    rates: ClassVar = UPLOADS
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="addImages", parameters=[KEY], request=UPLOAD, responses={202: UploadAnswerSerializer})
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add images to a batch, up to 50,000 in all."""
        selectors.batch_of(user_of(request), batch_id)  # before 200 MB are read for nothing
        return uploads.accept(request, batch_id=batch_id)


class PauseView(APIView):
    @extend_schema(operation_id="pauseBatch", request=None, responses=BatchSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Let nothing more of a batch be started; what runs ends."""
        selectors.batch_of(user_of(request), batch_id)
        return show(lifecycle.pause(batch_id))


class ResumeView(APIView):
    @extend_schema(operation_id="resumeBatch", request=None, responses=BatchSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Let a paused batch go on."""
        selectors.batch_of(user_of(request), batch_id)
        return show(lifecycle.resume(batch_id))


class CancelView(APIView):
    @extend_schema(operation_id="cancelBatch", request=None, responses=BatchSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Stop a batch and keep what is done; what runs ends."""
        selectors.batch_of(user_of(request), batch_id)
        return show(lifecycle.cancel(batch_id))


class RetryView(APIView):
    @extend_schema(operation_id="retryBatch", request=RetrySerializer, responses=BatchSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Have images without a result analysed again; no result is ever replaced."""
        batch = selectors.batch_of(user_of(request), batch_id)
        wanted = RetrySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        states = STATES[wanted.validated_data["which"]]
        quotas.check(batch.owner, images=sum(getattr(batch, state) for state in states))
        lifecycle.retry(Analysis.objects.filter(batch=batch), states=states)
        batch.refresh_from_db()
        return show(batch)


class DeletionsView(APIView):
    @extend_schema(operation_id="listDeletions", parameters=[PageQuerySerializer], responses=DeletionPageSerializer)
    def get(self, request: Request) -> Response:
        """The receipts of your deleted batches, the latest first."""
        query = PageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        receipts = selectors.deletions_of(user_of(request)).select_related("deleted_by")
        page = pages.cut(receipts, pages.LATEST_DELETED_FIRST, **query.validated_data)
        return Response(DeletionPageSerializer({"next_cursor": page.next_cursor, "results": page.rows}).data)


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
        return show(made, status=202, headers={"Location": reverse("batch", args=[made.id])})


class ComparisonView(APIView):
    @extend_schema(operation_id="getBatchComparison", responses=ComparisonSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """What another model changed: the verdicts of this batch beside those of the batch it repeats."""
        batch = selectors.batch_of(user_of(request), batch_id)
        return Response(ComparisonSerializer(selectors.comparison_of(batch)).data)
