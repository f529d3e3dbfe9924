"""In tables that are not small the database finds rows by the index made for it: asked of its own planner."""

from collections.abc import Callable

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from api import pages
from batches import claims, selectors
from batches.admin import AnalysisAdmin, ModelVersionFilter
from batches.models import Analysis, Batch, State
from tests import rows

LANE = "bulk"
BATCHES = 4
IMAGES = 1_200


@pytest.fixture
def waiting(db: None) -> list[Batch]:
    """A stranger's finished rows, as many of the owner's, and as many that wait."""
    owner = User.objects.create_user("ada")
    rows.fill(User.objects.create_user("bob"), batches=BATCHES, images=IMAGES, state=State.DONE)
    rows.fill(owner, batches=BATCHES, images=IMAGES, state=State.DONE)
    return rows.fill(owner, batches=BATCHES, images=IMAGES, state=State.WAITING)


def plan_of(act: Callable[[], object]) -> str:
    """How the database finds the analyses that are read meanwhile."""
    with CaptureQueriesContext(connection) as queries:
        act()
    reads = [
        query["sql"] for query in queries if query["sql"].startswith("SELECT") and "batches_analysis" in query["sql"]
    ]
    assert reads
    explain = "EXPLAIN " if rows.is_postgres() else "EXPLAIN QUERY PLAN "
    lines: list[str] = []
    with connection.cursor() as cursor:
        for sql in reads:
            cursor.execute(explain + sql)
            lines += [str(line[-1]) for line in cursor.fetchall()]
    return "\n".join(lines)


def reads_everything(plan: str) -> bool:
    return "Seq Scan on batches_analysis" in plan or "SCAN batches_analysis" in plan


def is_sorted_afterwards(plan: str) -> bool:
    return any("Sort" in line and "Incremental" not in line for line in plan.splitlines()) or "B-TREE FOR ORDER" in plan


def test_a_claim_walks_its_index_in_order(waiting: list[Batch]) -> None:
    plan = plan_of(lambda: claims.take(LANE, 64, owner="w1"))

    assert "analysis_claim" in plan
    assert not reads_everything(plan)
    assert not is_sorted_afterwards(plan)


def test_a_claim_of_what_was_tried_before_walks_an_index_of_its_own(waiting: list[Batch]) -> None:
    plan = plan_of(lambda: claims.take_alone(LANE, owner="w1"))

    assert "analysis_retry" in plan
    assert not reads_everything(plan)


def test_a_claim_costs_the_same_queries_whether_it_is_of_one_batch_or_of_four(waiting: list[Batch]) -> None:
    with CaptureQueriesContext(connection) as of_one:
        assert len({row.batch_id for row in claims.take(LANE, 1, owner="w1").analyses}) == 1
    with CaptureQueriesContext(connection) as of_four:
        assert len({row.batch_id for row in claims.take(LANE, 60, owner="w1").analyses}) == BATCHES

    assert len(of_one) == len(of_four)
    writes = [query for query in of_four if "UPDATE " in query["sql"] and "FOR NO KEY" not in query["sql"]]
    assert len(writes) == 2  # of analyses, of batches


@pytest.mark.parametrize("ordering", sorted(pages.ANALYSIS_ORDERS))
def test_everything_somebody_has_is_paged_by_an_index_of_the_owner(waiting: list[Batch], ordering: str) -> None:
    owner = waiting[0].owner
    order = pages.ANALYSIS_ORDERS[ordering]
    cursor = pages.cut(selectors.analyses_of(owner), order, None, 500).next_cursor

    for place in (None, cursor):
        plan = plan_of(lambda place=place: pages.cut(selectors.analyses_of(owner), order, place, 50))  # type: ignore[misc]
        assert "analysis_of_owner" in plan
        assert not reads_everything(plan)


@pytest.mark.parametrize("ordering", sorted(pages.ANALYSIS_ORDERS))
def test_a_batch_is_paged_by_an_index_of_the_batch(waiting: list[Batch], ordering: str) -> None:
    owner, batch = waiting[0].owner, Analysis.objects.filter(state=State.DONE, owner=waiting[0].owner)[0].batch
    order = pages.ANALYSIS_ORDERS[ordering]
    cursor = pages.cut(selectors.analyses_in(owner, batch.id), order, None, 500).next_cursor

    for place in (None, cursor):
        plan = plan_of(lambda place=place: pages.cut(selectors.analyses_in(owner, batch.id), order, place, 50))  # type: ignore[misc]
        assert "analysis_of_owner" not in plan
        assert not reads_everything(plan)


def test_what_one_model_judged_is_found_by_an_index_of_those_that_are_judged(waiting: list[Batch]) -> None:
    request, admin = RequestFactory().get("/"), AnalysisAdmin(Analysis, site)
    drawn = ModelVersionFilter(request, {"model_version": [rows.MODEL]}, Analysis, admin)

    plans = (
        plan_of(lambda: drawn.lookups(request, admin)),
        plan_of(lambda: list(drawn.queryset(request, admin.get_queryset(request))[:50])),
        plan_of(lambda: list(selectors.judged().filter(model_version=rows.MODEL).order_by("-created_at", "id")[:50])),
    )

    assert drawn.lookups(request, admin) == [(rows.MODEL, rows.MODEL)]
    for plan in plans:
        assert "analysis_by_model" in plan
        assert not reads_everything(plan)


@pytest.mark.postgres_only
def test_a_claim_writes_into_no_index_that_finds_nothing_for_it(db: None) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Analysis._meta.db_table)

    assert [one["columns"] for one in found.values() if one["index"] and "image_id" in one["columns"]] == [["image_id"]]


def test_an_analysis_belongs_to_the_owner_of_its_batch(waiting: list[Batch]) -> None:
    row = Analysis.objects.create(
        batch=waiting[0], image_id="0" * 64, ordinal=IMAGES, filename="late.jpg", lane=LANE, state=State.WAITING
    )

    assert row.owner_id == waiting[0].owner_id
