"""Sessions and tokens as the API shows them."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts import tokens
from accounts.models import ApiToken, Scope
from batches import names


class UserSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    is_staff = serializers.BooleanField()


class SessionSerializer(serializers.Serializer[Any]):
    user = UserSerializer(allow_null=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class ScopesField(serializers.ListField):
    """One or more of the scopes, in one order whatever order they came in."""

    child = serializers.ChoiceField(choices=Scope.choices)


class TokenSerializer(serializers.Serializer[ApiToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The first part of the token, to tell it from others; no secret.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="It opens nothing after this; null: no end.")
    scopes = ScopesField()


class TokenListSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    scopes = ScopesField(min_length=1, max_length=len(Scope), default=[scope.value for scope in tokens.EVERYDAY])
    expires_at = serializers.DateTimeField(allow_null=True, default=None, help_text="Null: no end.")

    def validate_name(self, name: str) -> str:
        if not (visible := names.clean_text(name)):
            raise serializers.ValidationError("This field may not be blank.")
        return visible

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This moment is past. Choose a later one, or null for no end.")
        return moment


class IssuedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once; only its hash is kept.")
