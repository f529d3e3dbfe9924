"""Whatever happens in whatever order: counters equal the rows, and no analysis is lost or judged twice."""

from collections import Counter
from datetime import timedelta
from itertools import count

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from batches import claims, intake, lifecycle, results
from batches.claims import Claim
from batches.models import Analysis, Batch, State
from tests.batches.conftest import FAILED, SCORED, receive

LANE = "interactive"
MAX_ATTEMPTS = 2  # shorter lives reach quarantine more often
WORKERS = st.sampled_from(["w1", "w2"])


class Life(RuleBasedStateMachine):
    """Submits, claims, crashes, expires, writes late and retries, as the rules come."""

    sent = Bundle("batches")
    held = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count()
        self.owner = User.objects.create_user("ada")
        self.acknowledged: set[object] = set()
        self.judged: Counter[object] = Counter()

    def teardown(self) -> None:
        for model in (Analysis, Batch, User):
            model.objects.all().delete()

    @rule(target=sent, images=st.integers(1, 3))
    def submit(self, images: int) -> Batch:
        return self._accept(images, None)

    @rule(batch=sent)
    def append(self, batch: Batch) -> None:
        self._accept(1, batch)

    @rule(target=held, limit=st.integers(1, 5), owner=WORKERS)
    def claim(self, limit: int, owner: str) -> Claim:
        claim = claims.take(LANE, limit, owner=owner)
        claim = claim if claim.analyses else claims.take_alone(LANE, owner=owner)
        # Leases are a minute long, so two claims can never hold the same row.
        assert Analysis.objects.filter(lease_token=claim.token, state="running").count() == len(claim.analyses)
        return claim

    @rule(claim=held)
    def let_a_lease_end(self, claim: Claim) -> None:
        Analysis.objects.filter(lease_token=claim.token).update(lease_until=Now() - timedelta(seconds=1))
        claims.expire()

    @rule(owner=WORKERS)
    def start_a_worker_again(self, owner: str) -> None:
        claims.release(owner)

    @rule(target=held, claim=consumes(held), is_readable=st.booleans(), writes_again=st.booleans())
    def record(self, claim: Claim, is_readable: bool, writes_again: bool) -> object:
        ours = set(Analysis.objects.filter(lease_token=claim.token).values_list("id", flat=True))
        written = results.record(claim, [SCORED if is_readable else FAILED for _ in claim.analyses])
        assert written == len(ours)
        if is_readable:
            self.judged.update(ours)
        return claim if writes_again else multiple()

    @rule()
    def retry(self) -> None:
        lifecycle.retry(Analysis.objects.all())

    @invariant()
    def counters_equal_the_rows(self) -> None:
        for batch in Batch.objects.all():
            rows = list(Analysis.objects.filter(batch=batch).order_by("ordinal"))
            states = Counter(row.state for row in rows)
            assert {state: getattr(batch, state) for state in State.values} == {s: states[s] for s in State.values}
            assert batch.fake == states["done"]
            assert [row.ordinal for row in rows] == list(range(batch.total))
            is_open = states["waiting"] + states["running"] > 0
            assert (batch.finished_at is None) == is_open

    @invariant()
    def nothing_is_lost_or_judged_twice(self) -> None:
        done = set(Analysis.objects.filter(state="done").values_list("id", flat=True))
        assert set(Analysis.objects.values_list("id", flat=True)) == self.acknowledged
        assert done == set(self.judged)
        assert set(self.judged.values()) <= {1}

    @invariant()
    def nobody_is_tried_more_often_than_allowed(self) -> None:
        assert not Analysis.objects.filter(attempts__gt=MAX_ATTEMPTS).exists()

    def _accept(self, images: int, batch: Batch | None) -> Batch:
        uploads = [receive(str(next(self.numbers)).encode()) for _ in range(images)]
        accepted = intake.accept(owner=self.owner, uploads=uploads, batch_id=batch.id if batch else None)
        self.acknowledged |= {analysis.id for analysis in accepted.analyses}
        return accepted.batch


@pytest.mark.django_db(transaction=True)
def test_counters_always_add_up_and_nothing_is_lost(settings: Settings) -> None:
    settings.MAX_ATTEMPTS = MAX_ATTEMPTS
    # Not shrunk: that takes minutes here, and forty steps can be read.
    quick = hypothesis.settings(
        max_examples=30,
        stateful_step_count=40,
        deadline=None,
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=quick)
