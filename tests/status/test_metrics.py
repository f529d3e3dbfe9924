"""One exposition tells of all processes, and goes on telling while database or broker are down."""

import pytest
from django.db import OperationalError, connection
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from batches import claims, results
from batches.models import Analysis
from config import meters
from status import metrics
from status.beats import Pulse
from status.models import WorkerBeat
from tests.batches.conftest import FAILED, SCORED
from tests.status.conftest import SendFiles


def read() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(metrics.expose().decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float:
    return read()[name, frozenset(labels.items())]


def counted(name: str, **labels: str) -> float:
    return meters.REGISTRY.get_sample_value(name, labels) or 0.0


def test_work_is_counted_where_it_is_done(send: SendFiles) -> None:
    before = [
        counted("assay_analyses_total", verdict="fake"),
        counted("assay_failures_total", code="truncated_image"),
        counted("assay_decode_seconds_count"),
        counted("assay_claim_rows_sum", lane="interactive"),
    ]
    send(3)
    claim = claims.take("interactive", 3, owner="w1")
    results.record(claim, [SCORED, SCORED, FAILED])
    results.record(claim, [SCORED, SCORED, FAILED])  # late: they are written

    after = [
        counted("assay_analyses_total", verdict="fake"),
        counted("assay_failures_total", code="truncated_image"),
        counted("assay_decode_seconds_count"),
        counted("assay_claim_rows_sum", lane="interactive"),
    ]
    assert [new - old for new, old in zip(after, before, strict=True)] == [2, 1, 2, 3]
    assert counted("assay_late_results_total") >= 3


def test_expired_leases_and_quarantines_are_counted(send: SendFiles, settings: Settings) -> None:
    settings.LEASE_SECONDS = -1
    settings.MAX_ATTEMPTS = 1
    send(2)
    before = counted("assay_lease_expiries_total"), counted("assay_quarantines_total")
    claims.take("interactive", 2, owner="w1")
    claims.expire()

    assert counted("assay_lease_expiries_total") - before[0] == 2
    assert counted("assay_quarantines_total") - before[1] == 2
    assert set(Analysis.objects.values_list("state", flat=True)) == {"quarantined"}


def test_workers_on_other_hosts_are_told_through_their_rows(db: None) -> None:
    Pulse().write("w1@here")
    Pulse().write("w2@there")
    measured = '# TYPE assay_analyses counter\nassay_analyses_total{verdict="fake"} 7\n'
    WorkerBeat.objects.filter(name="w2@there").update(measured=measured, host="there", model_version="best-1")

    assert value("assay_analyses_total", verdict="fake", process="w2@there") == 7
    assert value("assay_worker_up", process="w2@there", host="there", model="best-1") == 1
    assert value("assay_worker_resident_bytes", process="w1@here") > 0
    assert metrics.expose().decode().count("# TYPE assay_analyses_total counter") == 1


def test_what_waits_is_told_by_lane(send: SendFiles) -> None:
    send(4)

    assert value("assay_waiting", lane="interactive") == 4
    assert value("assay_waiting", lane="bulk") == 0
    assert 0 <= value("assay_oldest_waiting_seconds", lane="interactive") < 600


def test_a_broker_that_is_down_is_told_and_takes_no_time(db: None, settings: Settings) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    assert value("assay_broker_up") == 0
    assert not any(name == "assay_permits_queued" for name, _ in read())


def test_a_database_that_is_down_leaves_what_this_process_knows(db: None) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        found = read()

    assert found["assay_database_up", frozenset()] == 0
    assert ("assay_broker_errors_total", frozenset({("process", "web")})) in found
    assert not any(name == "assay_waiting" for name, _ in found)


@pytest.mark.parametrize("name", ["assay_score_mean", "assay_model_trouble", "assay_disk_free_bytes"])
def test_every_family_says_what_it_is(db: None, name: str) -> None:
    text = metrics.expose().decode()

    assert f"# HELP {name} " in text
