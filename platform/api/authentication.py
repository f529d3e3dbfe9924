"""Who sends this request: a program with a token or a person with a session."""

import io

from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken
from api import errors
from api.scopes import token_of


def user_of(request: Request) -> User:
    if not isinstance(request.user, User):
        raise errors.NotAuthenticated
    return request.user


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer assay_<id>_<secret>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        text = token_of(request._request)
        if text is None:
            return None
        token = tokens.find(text)
        if token is None:
            raise exceptions.AuthenticationFailed
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Assay"'


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, with the CSRF token taken from the header alone."""

    def enforce_csrf(self, request: Request) -> None:
        http = request._request
        # Django's check looks into the form first, which would read 200 MB of upload before anybody is known:
        # it gets the same request without a body.
        bare = WSGIRequest({**http.META, "CONTENT_LENGTH": "0", "CONTENT_TYPE": "", "wsgi.input": io.BytesIO()})
        bare._dont_enforce_csrf_checks = getattr(http, "_dont_enforce_csrf_checks", False)  # type: ignore[attr-defined]
        if authentication.CSRFCheck(lambda _: HttpResponse()).process_view(bare, HttpResponse, (), {}):
            raise errors.CsrfFailed
