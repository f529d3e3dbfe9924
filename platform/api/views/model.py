"""What the model in use is, was trained on and can do."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import engine
from api.serializers.model import ModelSerializer


class ModelView(APIView):
    @extend_schema(operation_id="getModel", responses=ModelSerializer)
    def get(self, request: Request) -> Response:
        """The model that judges new images, with its test figures and limits."""
        card = engine.card()
        model = {
            "version": card.version,
            "recipe": card.recipe,
            "engine": settings.ENGINE,
            "input_size": card.input.size,
            "trained_on": card.trained_on,
            "limits": card.limits,
            "thresholds": card.engine(settings.ENGINE).thresholds,
            "test": card.metrics.get(settings.ENGINE),
        }
        return Response(ModelSerializer(model).data)
