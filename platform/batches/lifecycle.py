"""What people may do to an analysis after it ended: send it round again."""

from collections import Counter, defaultdict
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from batches import counters, dispatch
from batches.models import Analysis, State

RETRYABLE = (State.FAILED, State.QUARANTINED)


def retry(analyses: QuerySet[Analysis]) -> int:
    """Lets failed and quarantined analyses wait again; others are left as they are. Returns how many wait now."""
    with transaction.atomic():
        rows = analyses.order_by("id").filter(state__in=RETRYABLE).select_for_update(of=("self",), no_key=True)
        found = list(rows.values_list("id", "batch_id", "lane", "state"))
        # One attempt counts as made, so the row is claimed alone: it may be the image that stops workers.
        Analysis.objects.filter(id__in=[row_id for row_id, *_ in found]).update(
            state=State.WAITING, attempts=1, error_code="", error_detail="", started_at=None, finished_at=None
        )
        changes: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
        for _, batch_id, _, state in found:
            changes[batch_id].update({"waiting": 1, state: -1})
        counters.move(changes)
        for lane, images in Counter(lane for _, _, lane, _ in found).items():
            transaction.on_commit(partial(dispatch.ring, lane, images))
    return len(found)
