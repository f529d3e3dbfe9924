"""Model versions: list, look at one, import, activate, roll back, shadow."""

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from api import errors, multipart
from api.authentication import user_of
from api.scopes import TokenMay
from api.serializers.models import BundleSerializer, ModelListSerializer, ModelVersionDetailSerializer
from batches import store
from batches.store import Received
from registry import selectors, versions
from registry.models import ModelVersion

FIELD = "bundle"
ACTIVATIONS_SHOWN = 100


class StaffChanges(BasePermission):
    """Whoever is logged in may look; which model judges everybody's images is the staff's to say."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return user.is_authenticated and (request.method in SAFE_METHODS or bool(user.is_staff))


class ModelsView(APIView):
    permission_classes = (TokenMay, StaffChanges)
    changing_scope = Scope.MODELS

    @extend_schema(operation_id="listModels", responses=ModelListSerializer)
    def get(self, request: Request) -> Response:
        """All model versions, the newest first, and who let which one judge."""
        models = {"results": selectors.versions(), "activations": selectors.activations()[:ACTIVATIONS_SHOWN]}
        return Response(ModelListSerializer(models).data)

    @extend_schema(
        operation_id="createModel",
        request={"multipart/form-data": BundleSerializer},
        responses={201: ModelVersionDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Import a bundle. It is copied and checked, never run; it judges nothing before it is activated."""
        received = receive(request)
        try:
            version = versions.take_in(received.path, by=user_of(request))
        finally:
            store.discard(received)
        answer = show(version)
        answer.status_code = 201
        answer["Location"] = reverse("model-version", args=[version.version])
        return answer


class ModelVersionView(APIView):
    permission_classes = (TokenMay, StaffChanges)
    changing_scope = Scope.MODELS

    @extend_schema(operation_id="getModelVersion", responses=ModelVersionDetailSerializer)
    def get(self, request: Request, version: str) -> Response:
        """One version with its card, and as a shadow beside the active one."""
        return show(selectors.version_of(version))


class ActivationView(APIView):
    permission_classes = (TokenMay, StaffChanges)
    changing_scope = Scope.MODELS

    @extend_schema(operation_id="createActivation", request=None, responses={200: ModelVersionDetailSerializer})
    def post(self, request: Request, version: str) -> Response:
        """Let this version judge from now on: workers change over at their next permit, `/predict` within 2 s."""
        return show(versions.activate(version, by=user_of(request)))


class RollbackView(APIView):
    permission_classes = (TokenMay, StaffChanges)
    changing_scope = Scope.MODELS

    @extend_schema(operation_id="createRollback", request=None, responses={200: ModelVersionDetailSerializer})
    def post(self, request: Request) -> Response:
        """Let the version before judge again."""
        return show(versions.roll_back(by=user_of(request)))


class ShadowView(APIView):
    permission_classes = (TokenMay, StaffChanges)
    changing_scope = Scope.MODELS

    @extend_schema(operation_id="createShadow", request=None, responses={200: ModelVersionDetailSerializer})
    def post(self, request: Request, version: str) -> Response:
        """Have this version score every new image too; its scores are kept, never shown with the results."""
        return show(versions.start_shadow(version))

    @extend_schema(operation_id="deleteShadow", responses={204: None})
    def delete(self, request: Request, version: str) -> Response:
        """Stop that; the scores so far stay."""
        selectors.version_of(version)
        versions.end_shadow(version)
        return Response(status=204)


def show(version: ModelVersion) -> Response:
    return Response(ModelVersionDetailSerializer(version).data)


def receive(request: Request) -> Received:
    """The file in the field `bundle`, streamed to disk; the form is read to its end first."""
    received: Received | None = None
    try:
        for part in multipart.parts(request._request):
            if isinstance(part, multipart.File) and part.field == FIELD and not received:
                limit = settings.MAX_REQUEST_BYTES
                received = store.receive(part.chunks(), filename=part.filename, max_bytes=limit)
    except BaseException:
        if received:
            store.discard(received)
        raise
    if received is None:
        raise errors.NoFiles("The form has no file in the field `bundle`. Nothing was kept.")
    return received
