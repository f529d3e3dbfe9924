"""batches.admin: everything can be found, nothing can be changed, and what failed can be sent round again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.admin import AnalysisAdmin
from batches.models import Analysis, Batch, Export, Format, Image, State

ANALYSES = "/admin/batches/analysis/"
EXPORTS = "/admin/batches/export/"


@pytest.fixture
def browser(db: None) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("root"))
    return browser


@pytest.fixture
def analyses(db: None) -> dict[str, Analysis]:
    """One analysis of each kind, by file name."""
    owner = User.objects.create_user("ada")
    batch = Batch.objects.create(owner=owner, name="intake", lane="default", total=3, done=2, failed=1, fake=1, real=1)
    image = Image.objects.create(sha256="a" * 64, format="JPEG", width=8, height=8, byte_size=1)
    done = {"state": State.DONE, "fake_probability": 0.5}
    made = [
        Analysis(filename="fake.jpg", verdict="fake", model_version="finetuned-1", **done),
        Analysis(filename="real.jpg", verdict="real", model_version="paper-1", **done),
        Analysis(filename="broken.jpg", state=State.FAILED, error_code="truncated_image"),
    ]
    for place, analysis in enumerate(made):
        analysis.batch, analysis.image, analysis.ordinal, analysis.lane = batch, image, place, batch.lane
        analysis.save()
    return {analysis.filename: analysis for analysis in made}


def shown(browser: Client, query: str) -> set[str]:
    page = browser.get(ANALYSES + query).content.decode()
    return {name for name in ("fake.jpg", "real.jpg", "broken.jpg") if name in page}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"fake.jpg", "real.jpg", "broken.jpg"}),
        ("?verdict__exact=fake", {"fake.jpg"}),
        ("?state__exact=failed", {"broken.jpg"}),
        ("?model_version=paper-1", {"real.jpg"}),
        ("?q=real", {"real.jpg"}),
        ("?q=intake", {"fake.jpg", "real.jpg", "broken.jpg"}),
        ("?q=" + "a" * 64, {"fake.jpg", "real.jpg", "broken.jpg"}),
        ("?q=" + "b" * 64, set()),
    ],
)
def test_analyses_are_found_by_verdict_state_model_and_words(
    browser: Client, analyses: dict[str, Analysis], query: str, names: set[str]
) -> None:
    assert shown(browser, query) == names


def test_analyses_are_found_by_id_and_by_date(browser: Client, analyses: dict[str, Analysis]) -> None:
    Analysis.objects.filter(filename="fake.jpg").update(created_at=timezone.now() - timedelta(days=40))
    today = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S%z").replace("+", "%2B")

    assert shown(browser, f"?q={analyses['fake.jpg'].id}") == {"fake.jpg"}
    assert shown(browser, f"?q={analyses['fake.jpg'].batch_id}") == {"fake.jpg", "real.jpg", "broken.jpg"}
    assert shown(browser, f"?created_at__gte={today}") == {"real.jpg", "broken.jpg"}


def test_the_model_versions_to_choose_from_are_those_in_use(browser: Client, analyses: dict[str, Analysis]) -> None:
    page = browser.get(ANALYSES).content.decode()

    assert "?model_version=finetuned-1" in page
    assert "?model_version=paper-1" in page


def test_rows_show_a_thumbnail_and_one_analysis_its_picture(browser: Client, analyses: dict[str, Analysis]) -> None:
    row = analyses["fake.jpg"]

    assert f"/api/v1/analyses/{row.id}/thumbnail" in browser.get(ANALYSES).content.decode()
    assert f"/api/v1/analyses/{row.id}/image" in browser.get(f"{ANALYSES}{row.id}/change/").content.decode()
    assert "/thumbnail" in browser.get("/admin/batches/image/?q=aaaa").content.decode()


def test_rows_show_the_strength_the_likelihood_ratio_and_the_lean(
    browser: Client, analyses: dict[str, Analysis]
) -> None:
    ratio = {"value": 40.0, "low": 15.0, "high": 110.0}
    Analysis.objects.filter(filename="fake.jpg").update(strength="moderate_synthetic", likelihood_ratio=ratio)
    Analysis.objects.filter(filename="real.jpg").update(verdict="inconclusive", lean="camera")

    page = browser.get(ANALYSES).content.decode()

    assert '<td class="field-strength">moderate support for synthetic</td>' in page
    assert "40 (15 to 110)" in page
    assert '<td class="field-lean">Camera</td>' in page


def test_what_is_not_assessed_shows_neither_a_score_nor_a_map(browser: Client, analyses: dict[str, Analysis]) -> None:
    row = analyses["fake.jpg"]
    one = f"{ANALYSES}{row.id}/change/"
    Analysis.objects.filter(id=row.id).update(fake_probability=0.123456, map=[[0.75]])
    assert "0.1235" in browser.get(ANALYSES).content.decode()
    assert all(text in browser.get(one).content.decode() for text in ("0.123456", "0.75"))

    Analysis.objects.filter(id=row.id).update(verdict="not_assessed")

    assert "0.1235" not in browser.get(ANALYSES).content.decode()
    assert not any(text in browser.get(one).content.decode() for text in ("0.123456", "0.75"))


def test_exports_are_found_by_batch_owner_state_and_id(browser: Client, analyses: dict[str, Analysis]) -> None:
    batch = analyses["fake.jpg"].batch
    csv = Export.objects.create(batch=batch, format=Format.CSV)
    broken = {"state": State.FAILED, "error_code": "export_failed", "error_detail": "It could not be written."}
    parquet = Export.objects.create(batch=batch, format=Format.PARQUET, **broken)

    def found(query: str) -> set[str]:
        page = browser.get(EXPORTS + query).content.decode()
        return {export.format for export in (csv, parquet) if str(export.id) in page}

    assert found("") == found("?q=intake") == found("?q=ada") == found(f"?q={batch.id}") == {"csv", "parquet"}
    assert found("?state__exact=failed") == found(f"?q={parquet.id}") == {"parquet"}
    assert found("?format__exact=csv") == {"csv"}
    assert found("?q=nobody") == set()


@pytest.mark.parametrize("model", ["batch", "analysis", "image", "export"])
def test_history_can_neither_be_added_to_nor_changed_nor_deleted(
    browser: Client, analyses: dict[str, Analysis], model: str
) -> None:
    row = analyses["fake.jpg"]
    export = Export.objects.create(batch=row.batch, format=Format.CSV)
    key = {"batch": row.batch_id, "analysis": row.id, "image": row.image_id, "export": export.id}[model]
    url = f"/admin/batches/{model}/"

    assert browser.get(f"{url}{key}/change/").status_code == 200
    assert browser.get(f"{url}add/").status_code == 403
    assert browser.post(f"{url}{key}/change/", {"name": "other"}).status_code == 403
    assert browser.post(f"{url}{key}/delete/", {"post": "yes"}).status_code == 403


def test_what_failed_is_sent_round_again_and_the_rest_stays(browser: Client, analyses: dict[str, Analysis]) -> None:
    chosen = {"action": "retry", "_selected_action": [str(row.id) for row in analyses.values()]}

    answer = browser.post(ANALYSES, chosen, follow=True)

    assert "1 analysis waits again." in answer.content.decode()
    assert {row.filename: row.state for row in Analysis.objects.all()} == {
        "fake.jpg": "done",
        "real.jpg": "done",
        "broken.jpg": "waiting",
    }
    assert Batch.objects.get().waiting == 1


def test_who_may_only_look_cannot_send_round_again(analyses: dict[str, Analysis]) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_analysis"))
    browser = Client()
    browser.force_login(clerk)

    browser.post(ANALYSES, {"action": "retry", "_selected_action": [str(analyses["broken.jpg"].id)]})

    assert browser.get(ANALYSES).status_code == 200
    assert Analysis.objects.get(filename="broken.jpg").state == State.FAILED


def test_no_page_counts_or_sorts_a_million_rows(
    browser: Client, analyses: dict[str, Analysis], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnalysisAdmin, "list_per_page", 2)  # fewer than there are
    with CaptureQueriesContext(connection) as queries:
        browser.get(ANALYSES)

    on_analyses = [query["sql"] for query in queries if 'FROM "batches_analysis"' in query["sql"]]
    assert on_analyses
    assert all("LIMIT" in sql or "MIN(" in sql for sql in on_analyses)
    assert not [sql for sql in on_analyses if "DISTINCT" in sql]
