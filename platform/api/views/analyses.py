"""Analyses: a page of results, and one with its evidence."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import pages
from api.authentication import user_of
from api.serializers.analyses import AnalysisPageSerializer, AnalysisSerializer
from api.serializers.batches import PageQuerySerializer
from batches import selectors
from batches.models import State, Verdict


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
        filters = {name: wanted[name] for name in ("batch", "verdict", "state") if name in wanted}
        rows = selectors.analyses_of(user_of(request)).filter(**filters)
        page = pages.cut(rows, pages.ANALYSIS_ORDERS[wanted["ordering"]], wanted["cursor"], wanted["limit"])
        return Response(AnalysisPageSerializer({"next_cursor": page.next_cursor, "results": page.rows}).data)


class AnalysisView(APIView):
    @extend_schema(operation_id="getAnalysis", responses=AnalysisSerializer)
    def get(self, request: Request, analysis_id: UUID) -> Response:
        """One result with its map, timings and facts."""
        mine = selectors.analyses_of(user_of(request)).select_related("batch")
        return Response(AnalysisSerializer(get_object_or_404(mine, id=analysis_id)).data)
