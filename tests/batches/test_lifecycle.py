"""What failed can be sent round again; history that is no failure stays."""

import pytest

from batches import claims, lifecycle, results
from batches.models import Analysis
from tests.batches.conftest import FAILED, SCORED, Send

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_failures_wait_again_and_alone(send: Send) -> None:
    batch = send(3)
    claim = claims.take("interactive", 2, owner="w1")
    results.record(claim, [SCORED, FAILED])

    assert lifecycle.retry(Analysis.objects.filter(batch=batch)) == 1

    batch.refresh_from_db()
    assert (batch.waiting, batch.done, batch.failed, batch.finished_at) == (2, 1, 0, None)
    assert [row.ordinal for row in claims.take("interactive", 10, owner="w1").analyses] == [2]
    again = claims.take_alone("interactive", owner="w1")
    assert [row.ordinal for row in again.analyses] == [1]
    assert results.record(again, [SCORED]) == 1
    assert set(Analysis.objects.values_list("error_code", flat=True)) == {""}
