"""What the OpenAPI document says beyond the views: how to log in, that every error has one shape, and the two addresses
that are no views of REST framework."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from api.serializers.problems import ProblemSerializer


class Schema(AutoSchema):
    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        """Every operation answers its errors with a Problem; said once here instead of at each view."""
        problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
            ProblemSerializer, "default", ["application/problem+json"], direction
        )
        problem["description"] = "What went wrong."
        return {**super()._get_response_bodies(direction), "default": problem}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


_PROBLEM = {
    "description": "What went wrong.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PREDICTION = {
    "operationId": "createPrediction",
    "description": (
        "Judges one image at once and keeps nothing. Without a token it answers this machine's own callers alone, "
        "unless the installation admits anybody; a token needs the scope `predict`."
    ),
    "tags": ["predict"],
    "security": [{"token": []}, {}],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"image": {"type": "string", "format": "binary"}},
                    "required": ["image"],
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "The side of one half that the score is on; `X-Verdict` says what the evidence allows.",
            "headers": {
                "X-Verdict": {
                    "schema": {"$ref": "#/components/schemas/Verdict"},
                    "required": True,
                },
                "X-Strength": {
                    "description": "Absent where the model has no measured scale, and where nothing is assessed.",
                    "schema": {"$ref": "#/components/schemas/Strength"},
                },
                "X-Likelihood-Ratio": {
                    "description": (
                        "How much more often such a score is seen among synthetic faces than among photographs, with "
                        "its 95 % interval: `23.5 (12.1-45.2)`. Absent where the score of such a file is not reliable."
                    ),
                    "schema": {"type": "string"},
                },
                "X-Lean": {
                    "description": "The side that an inconclusive verdict leans to; absent of others.",
                    "schema": {"$ref": "#/components/schemas/Lean"},
                },
                "X-Model-Version": {"schema": {"type": "string"}, "required": True},
            },
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "result": {"$ref": "#/components/schemas/Result"},
                            "confidence": {
                                "type": "number",
                                "format": "double",
                                "minimum": 50,
                                "maximum": 100,
                                "description": "Per cent, in `result`.",
                            },
                        },
                        "required": ["result", "confidence"],
                        "additionalProperties": False,
                    }
                }
            },
        },
        "default": _PROBLEM,
    },
}
_HEALTH = {
    "operationId": "getHealth",
    "description": "Whether the web process answers and reaches its database.",
    "tags": ["health"],
    "security": [{}],
    "responses": {
        "200": {
            "description": "",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {"status": {"type": "string", "enum": ["ok"]}},
                        "required": ["status"],
                    }
                }
            },
        },
        "default": _PROBLEM,
    },
}


def add_plain_views(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: `/predict` and `/health`, which it cannot see."""
    result["paths"] |= {"/health": {"get": _HEALTH}, "/predict": {"post": _PREDICTION}}
    return result
