"""Logging in and out with a session cookie."""

from typing import ClassVar

from django.contrib import auth
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import logins
from api.parsers import JSONParser
from api.serializers.accounts import CredentialsSerializer, SessionSerializer


class SessionView(APIView):
    permission_classes = (AllowAny,)
    rates: ClassVar = {"POST": "login"}
    # JSON alone: another site's form cannot send it without a preflight, so nobody can be logged in by stealth.
    parser_classes = (JSONParser,)

    @extend_schema(operation_id="getSession", responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        """Who is logged in; sets the `csrftoken` cookie that unsafe requests send back as `X-CSRFToken`."""
        get_token(request._request)
        return session_of(request)

    @extend_schema(operation_id="createSession", request=CredentialsSerializer, responses={200: SessionSerializer})
    def post(self, request: Request) -> Response:
        """Log in. After 5 wrong passwords in 15 minutes the answer is 429 for a while."""
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = logins.check(request._request, **credentials.validated_data)
        auth.login(request._request, user)
        request.user = user
        return session_of(request)

    @extend_schema(operation_id="deleteSession", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Log out."""
        auth.logout(request._request)
        return Response(status=204)


def session_of(request: Request) -> Response:
    user = request.user if request.user.is_authenticated else None
    return Response(SessionSerializer({"user": user}).data)
