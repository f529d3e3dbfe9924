"""Analyses: a page of results, and one with its evidence."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import errors, evidence, pages, problems
from api.authentication import user_of
from api.serializers.analyses import AnalysisPageSerializer
from api.serializers.analysis import AnalysisSerializer
from api.serializers.batches import PageQuerySerializer
from api.serializers.evidence import EvidenceSerializer
from batches import lifecycle, likeness, quotas, selectors
from batches.errors import BatchesError
from batches.models import Analysis, State, Verdict
from detector.errors import DecodeError


class AnalysisQuerySerializer(PageQuerySerializer):
    batch = serializers.UUIDField(required=False)
    verdict = serializers.ChoiceField(choices=Verdict.choices, required=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)
    ordering = serializers.ChoiceField(choices=list(pages.ANALYSIS_ORDERS), default="ordinal")


class AnalysesView(APIView):
    @extend_schema(operation_id="listAnalyses", parameters=[AnalysisQuerySerializer], responses=AnalysisPageSerializer)
    def get(self, request: Request) -> Response:
        """Results, a page at a time; images without a score come last."""
        query = AnalysisQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        filters = {name: wanted[name] for name in ("verdict", "state") if name in wanted}
        user = user_of(request)
        shown = selectors.analyses_in(user, wanted["batch"]) if "batch" in wanted else selectors.analyses_of(user)
        rows = shown.filter(**filters).defer("map", "faces", "quality")  # large, and of one page alone
        page = pages.cut(rows, pages.ANALYSIS_ORDERS[wanted["ordering"]], wanted["cursor"], wanted["limit"])
        return Response(AnalysisPageSerializer({"next_cursor": page.next_cursor, "results": page.rows}).data)


class AnalysisView(APIView):
    @extend_schema(operation_id="getAnalysis", responses=AnalysisSerializer)
    def get(self, request: Request, analysis_id: UUID) -> Response:
        """One result with its map, timings and facts."""
        mine = selectors.analyses_of(user_of(request)).select_related("batch")
        return Response(AnalysisSerializer(get_object_or_404(mine, id=analysis_id)).data)


class RetryView(APIView):
    @extend_schema(operation_id="retryAnalysis", request=None, responses=AnalysisSerializer)
    def post(self, request: Request, analysis_id: UUID) -> Response:
        """Have an image without a result analysed again; one that waits or has a result is left as it is."""
        mine = selectors.analyses_of(user_of(request)).select_related("batch")
        if get_object_or_404(mine, id=analysis_id).state in lifecycle.WITHOUT_RESULT:
            quotas.check(user_of(request))
        lifecycle.retry(Analysis.objects.filter(id=analysis_id), states=lifecycle.WITHOUT_RESULT)
        return Response(AnalysisSerializer(get_object_or_404(mine, id=analysis_id)).data)


class EvidenceQuerySerializer(serializers.Serializer[Any]):
    gps = serializers.BooleanField(default=False, help_text="Also where it was taken; for staff alone.")


class EvidenceView(APIView):
    @extend_schema(operation_id="getEvidence", parameters=[EvidenceQuerySerializer], responses=EvidenceSerializer)
    def get(self, request: Request, analysis_id: UUID) -> Response:
        """What the file itself says and shows beside the score; worked out anew each time and kept nowhere."""
        query = EvidenceQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user = user_of(request)
        analysis = get_object_or_404(selectors.analyses_of(user), id=analysis_id)
        if query.validated_data["gps"] and not user.is_staff:
            raise errors.PermissionDenied
        try:
            found = evidence.gather(analysis)
            place = evidence.locate(analysis) if query.validated_data["gps"] else {}
        except (DecodeError, BatchesError) as error:
            raise problems.absent(error) from error
        similar = likeness.find(user, analysis, found.perceptual_hash)
        return Response(EvidenceSerializer({"found": found, "place": place, "similar": similar}).data)
