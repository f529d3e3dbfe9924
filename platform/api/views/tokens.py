"""A person's API tokens: list, issue, revoke."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from api import errors, scopes
from api.authentication import user_of
from api.serializers.accounts import IssuedTokenSerializer, NewTokenSerializer, TokenListSerializer, TokenSerializer


class TokensView(APIView):
    changing_scope = scopes.PEOPLE_ONLY

    @extend_schema(operation_id="listTokens", responses=TokenListSerializer)
    def get(self, request: Request) -> Response:
        """Open tokens, newest first, without their secrets."""
        return Response(TokenListSerializer({"results": tokens.open_tokens(user_of(request))}).data)

    @extend_schema(operation_id="createToken", request=NewTokenSerializer, responses={201: IssuedTokenSerializer})
    def post(self, request: Request) -> Response:
        """Issue a token; its text is in this answer and nowhere else."""
        new = NewTokenSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        issued = tokens.issue(user_of(request), **new.validated_data)
        answer = TokenSerializer(issued.token).data | {"token": issued.text}
        return Response(answer, status=201)


class TokenView(APIView):
    changing_scope = scopes.PEOPLE_ONLY

    @extend_schema(operation_id="deleteToken", responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke a token; requests with it are refused from now on."""
        mine = [token for token in tokens.open_tokens(user_of(request)) if token.pk == token_id]
        if not mine:
            raise errors.NotFound
        tokens.revoke(mine)
        return Response(status=204)
