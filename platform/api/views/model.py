"""What the model in use is, was trained on and can do."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import engine
from api.serializers import ModelSerializer


class ModelView(APIView):
    @extend_schema(operation_id="getModel", responses=ModelSerializer)
    def get(self, request: Request) -> Response:
        """The model that judges new images, with its test figures and limits."""
        return Response(ModelSerializer(engine.describe()).data)
