"""What a token may do: reading needs `read`, changing `upload`, unless a view says otherwise."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, Scope
from api import errors

if TYPE_CHECKING:  # it reads the settings, which name this module
    from rest_framework.views import APIView

# A view's `changing_scope` for what no token may do at all: one that is stolen must not make others.
PEOPLE_ONLY = None


class TokenMay(BasePermission):
    """Sessions pass: a scope narrows a token, a person is bound by their own rights alone."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        if request.method in SAFE_METHODS:
            needed: Scope | None = Scope.READ
        else:
            needed = getattr(view, "changing_scope", Scope.UPLOAD)
        if needed is PEOPLE_ONLY:
            raise errors.ScopeMissing("No token may do this. Log in on the dashboard and do it there.")
        check(request.auth, needed)
        return True


def check(token: ApiToken, needed: Scope) -> None:
    """Raises ScopeMissing."""
    if needed not in token.scopes:
        raise errors.ScopeMissing(
            f"This token may not do this: it lacks the scope `{needed.value}`. "
            "Make one that has it on the dashboard under Integrations."
        )


def token_of(request: HttpRequest) -> str | None:
    """The text after `Bearer`; None where the request has no such header."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None
