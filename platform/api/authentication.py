"""Who sends this request: a program with a token or a person with a session."""

from accounts import tokens
from accounts.models import ApiToken
from django.contrib.auth.models import AnonymousUser, User
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from api import errors


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer assay_<id>_<secret>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = request.headers.get("Authorization", "")
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(text.strip())
        if token is None:
            raise exceptions.AuthenticationFailed
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Assay"'


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, with the CSRF token taken from the header alone."""

    def enforce_csrf(self, request: Request) -> None:
        http = request._request
        # Django's check looks into the form first, which would read 200 MB of upload before anybody is known.
        form = getattr(http, "_post", None), getattr(http, "_files", None)
        http._post, http._files = QueryDict(), MultiValueDict()
        try:
            check = authentication.CSRFCheck(lambda _: None)
            check.process_request(http)
            reason = check.process_view(http, None, (), {})
        finally:
            if form[0] is None:
                del http._post, http._files
            else:
                http._post, http._files = form
        if reason:
            raise errors.CsrfFailed
