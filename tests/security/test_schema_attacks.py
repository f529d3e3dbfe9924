"""Everything the OpenAPI schema allows, and much that it does not, is sent to the API: no answer is an error of ours,
and each is one that the schema promises. ASSAY_SCHEMA_EXAMPLES says how many requests an operation gets."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from accounts import tokens
from accounts.models import Scope
from batches.models import Analysis, Batch
from tests.conftest import ROOT

EXAMPLES = int(os.environ.get("ASSAY_SCHEMA_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


handler = cache(WSGIHandler)


def serve(environ: dict[str, Any], start_response: Any) -> Any:
    return handler()(environ, start_response)


schema = schemathesis.openapi.from_path(str(ROOT / "frontend" / "openapi.yaml"))
schema.app = serve


@pytest.fixture
def known(owner: User, batch: Callable[..., Batch]) -> dict[str, str]:
    """Ids that exist, by the name an address gives them."""
    User.objects.update(is_staff=True)
    return {
        "batch_id": str(batch(0.9, 0.2, None).id),
        "analysis_id": str(Analysis.objects.earliest("ordinal").id),
        "token_id": str(tokens.issue(owner, "spare").token.id),
    }


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(owner, 'script', list(Scope)).text}"}


@pytest.fixture
def session(owner: User) -> dict[str, str]:
    """Of a browser: what no token may do."""
    browser = Client()
    browser.force_login(owner)
    request = RequestFactory().get("/")
    masked = get_token(request)
    cookies = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={request.META['CSRF_COOKIE']}"
    return {"Cookie": cookies, "X-CSRFToken": masked}


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@pytest.mark.filterwarnings("ignore")
def test_no_request_breaks_it_and_every_answer_is_promised(
    case: Any, transactional_db: None, known: dict[str, str], token: dict[str, str], session: dict[str, str]
) -> None:
    # Random ids lead nowhere: every second time one that exists is put in place.
    if sum(map(ord, str(case.body) + str(case.query))) % 2:
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
    who = session if case.path.startswith("/api/v1/tokens") else token

    case.call_and_validate(headers=who, checks=CHECKS)
