"""What a shadow says is kept for the analyses that are still there."""

from batches import claims, deletion, results
from batches.models import Analysis
from registry import shadows
from registry.models import ModelVersion, ShadowScore
from tests.batches.conftest import SCORED, Send, owner, scored, send

__all__ = ["owner", "send"]  # fixtures


def test_an_analysis_that_was_deleted_meanwhile_costs_the_others_nothing(send: Send) -> None:
    kept, gone = send(2), send(1)
    claim = claims.take("interactive", 3, owner="w1")
    results.record(claim, list(scored(claim)))
    deletion.delete(gone.id, by=None)

    shadows.record(ModelVersion.objects.get().version, {analysis.id: SCORED for analysis in claim.analyses})

    written = set(ShadowScore.objects.values_list("analysis_id", flat=True))
    assert written == set(Analysis.objects.filter(batch=kept).values_list("id", flat=True))
