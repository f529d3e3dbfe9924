"""The measurements of benchmarks.million, inside Django."""

import json
import time
from base64 import urlsafe_b64encode

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from batches import claims, results
from batches.models import Analysis, Batch, State
from batches.results import Scored
from benchmarks import million
from tests import rows

OUTCOME = Scored(
    fake_probability=0.9,
    verdict="fake",
    map=rows.MAP,
    model_version=rows.MODEL,
    engine="litert-int8",
    decode_ms=1.0,
    forward_ms=2.0,
    faces=[rows.FACE],
    quality=rows.QUALITY,
    perceptual_hash="0123456789abcdef",
)
DEEP = 0.8  # of a batch: 40,000 of 50,000


def fill(count: int) -> dict[str, float]:
    owner = User.objects.filter(is_superuser=True).first() or User.objects.create_user("rows")
    rows.fill(owner, batches=million.BATCHES, images=count // million.BATCHES, state=State.DONE)
    return {}


def measure(count: int) -> dict[str, float]:
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("ada")
    drain(owner)  # warm
    empty = drain(owner)
    batches = rows.fill(owner, batches=million.BATCHES, images=count // million.BATCHES, state=State.DONE)
    full = drain(owner)
    figures = {"rows_drain_empty": empty, "rows_drain_full": full, "rows_drain_kept": full / empty}
    figures |= read(owner, batches[0])
    rows.fill(owner, batches=million.BATCHES, images=count // million.BATCHES, state=State.WAITING)
    return figures | claim()


def drain(owner: User) -> float:
    """Images per second of claims and results with nothing between them."""
    images = million.CHUNK * million.CHUNKS // 4
    rows.fill(owner, batches=4, images=images, state=State.WAITING, lane=million.LANE)
    started = time.perf_counter()
    ended = 0
    while (claimed := claims.take(million.LANE, million.CHUNK, owner="bench")).analyses:
        ended += results.record(claimed, [OUTCOME] * len(claimed.analyses))
    if ended != 4 * images:
        raise RuntimeError(f"{ended} results of {4 * images}")
    return ended / (time.perf_counter() - started)


def read(owner: User, large: Batch) -> dict[str, float]:
    """Medians in ms through the API, in this process."""
    (small,) = rows.fill(owner, batches=1, images=10, state=State.DONE)
    client = Client(headers={"authorization": f"Bearer {tokens.issue(owner, 'bench').text}", "host": "localhost"})

    def get(path: str) -> None:
        answer = client.get(f"/api/v1/{path}")
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")

    last = Analysis.objects.get(batch=large, ordinal=int(DEEP * large.total))
    cursor = urlsafe_b64encode(json.dumps([last.ordinal, str(last.id)]).encode()).decode().rstrip("=")
    of_small, of_large, first, deep, everything = million.median_ms(
        [
            lambda: get(f"batches/{small.id}"),
            lambda: get(f"batches/{large.id}"),
            lambda: get(f"analyses?batch={large.id}"),
            lambda: get(f"analyses?batch={large.id}&cursor={cursor}"),
            lambda: get("analyses"),
        ]
    )
    return {
        "status_small": of_small,
        "status_large": of_large,
        "page_first": first,
        "page_deep": deep,
        "page_all": everything,
    }


def claim() -> dict[str, float]:
    with CaptureQueriesContext(connection) as queries:
        claims.take(million.LANE, million.CHUNK, owner="bench")
    (chosen,) = [query["sql"] for query in queries if "batches_analysis" in query["sql"] and "ORDER BY" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if rows.is_postgres() else "EXPLAIN QUERY PLAN ") + chosen)
        plan = " ".join(str(line[-1]) for line in cursor.fetchall())
    (taken,) = million.median_ms(
        [lambda: claims.take(million.LANE, million.CHUNK, owner="bench")], calls=million.CHUNKS
    )
    return {"claim": taken, "claim_by_index": float("analysis_claim" in plan)}
