"""GET /api/v1/schema, and its copy that the dashboard's types are made from."""

import re
from io import StringIO

from django.core.management import call_command
from django.test import Client

from tests.conftest import ROOT


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    """When this fails: .venv/bin/python manage.py spectacular --file frontend/openapi.yaml"""
    made = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=made)

    assert (ROOT / "frontend" / "openapi.yaml").read_text() == made.getvalue()


def test_operations_are_verbs_and_errors_are_problems() -> None:
    schema = (ROOT / "frontend" / "openapi.yaml").read_text()
    operations = re.findall(r"operationId: (\w+)", schema)

    assert len(operations) == len(set(operations)) >= 15
    verbs = "get|list|create|add|delete|cancel|pause|resume|retry"
    assert all(re.match(rf"({verbs})[A-Z]", operation) for operation in operations)
    assert schema.count("application/problem+json") == len(operations)


def test_it_can_be_asked_for_without_a_login(db: None) -> None:
    answer = Client().get("/api/v1/schema")

    assert answer.status_code == 200
    assert b"openapi: 3" in answer.content
