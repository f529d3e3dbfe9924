"""What every answer says to the browser: CSP on all, CORS for named origins alone."""

import pytest
from django.test import Client
from pytest_django import Settings

ORIGIN = "http://localhost:5173"


@pytest.mark.parametrize("path", ["/health", "/api/v1/session", "/", "/api/v1/nothing", "/admin/login/"])
def test_every_answer_carries_the_headers_that_keep_a_browser_safe(db: None, path: str) -> None:
    answer = Client().get(path)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_other_origins_are_told_nothing_by_default(db: None) -> None:
    answer = Client().get("/api/v1/session", headers={"origin": ORIGIN})

    assert "Access-Control-Allow-Origin" not in answer


def test_an_origin_of_the_setting_may_read_with_its_session(db: None, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    allowed = Client().get("/api/v1/session", headers={"origin": ORIGIN})
    other = Client().get("/api/v1/session", headers={"origin": "http://localhost:9999"})
    page = Client().get("/admin/login/", headers={"origin": ORIGIN})

    assert allowed["Access-Control-Allow-Origin"] == ORIGIN
    assert allowed["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Origin" not in other
    assert "Access-Control-Allow-Origin" not in page


def test_a_page_of_an_allowed_origin_may_repeat_an_upload_and_read_when_to_come_back(
    db: None, settings: Settings
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    asked = Client().options(
        "/api/v1/batches",
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "idempotency-key",
        },
    )
    answered = Client().post("/predict", headers={"origin": ORIGIN})

    assert "idempotency-key" in asked["Access-Control-Allow-Headers"].split(", ")
    assert {"location", "retry-after", "x-verdict"} <= set(answered["Access-Control-Expose-Headers"].split(", "))
