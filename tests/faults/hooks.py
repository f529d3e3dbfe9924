"""Wraps functions of a running process with named points, and gives the worker a stand-in for its model.

Points: mid_write, after_fsync, before_commit, after_commit (an upload), after_claim, in_predict, after_predict,
before_record_commit (a worker); clock (seconds the database's clock is ahead), database_full.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
from django.db.backends.signals import connection_created
from django.db.models.functions import Now
from numpy.typing import NDArray

from batches import claims, intake, likeness, store
from detector import Detector, bundle, explain
from detector.explain import Head, Output
from tests.faults import decoding, orders
from tests.faults.database import refuse_writes

POISON = b"mark:poison"  # an image that ends in it kills the worker that reads it
FORWARD_SECONDS = 0.004  # of the stand-in, for each image


def install() -> None:
    _wrap(store, "_write", before=lambda *_: None, chunks=True)
    _wrap(store, "keep", after=lambda _: orders.reach("after_fsync"))
    _wrap(intake, "_write_rows", after=lambda _: orders.reach("before_commit"))
    _wrap(intake, "accept", after=lambda _: orders.reach("after_commit"))
    _move_clock()
    connection_created.connect(refuse_writes, weak=False)
    if "workers.app" in sys.modules:
        _install_in_worker()


def _install_in_worker() -> None:
    from workers import decoders, pipeline  # noqa: PLC0415  (they are the worker's alone)

    _wrap(claims, "take", after=_reach_after_claim)
    _wrap(
        pipeline, "judge", before=lambda *_: orders.reach("in_predict"), after=lambda _: orders.reach("after_predict")
    )
    # Within the transaction of the results, which nothing else is.
    _wrap(likeness, "keep", after=lambda _: orders.reach("before_record_commit"))
    _wrap(store, "read", after=_die_of_poison)
    setattr(decoders, "serve", decoding.serve)  # noqa: B010  (no export of theirs)
    setattr(Detector, "open", classmethod(_open_stand_in))  # noqa: B010  (mypy forbids the assignment)


def _wrap(
    room: Any,
    name: str,
    *,
    before: Callable[..., object] = lambda *_: None,
    after: Callable[[Any], object] = lambda _: None,
    chunks: bool = False,
) -> None:
    inner = getattr(room, name)

    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> Any:
        before(*args)
        if chunks:
            path, contents, *rest = args
            args = (path, _stop_between(contents), *rest)
        result = inner(*args, **kwargs)
        after(result)
        return result

    setattr(room, name, outer)


def _stop_between(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        half = len(chunk) // 2
        yield chunk[:half]
        orders.reach("mid_write")
        yield chunk[half:]


def _reach_after_claim(claim: claims.Claim) -> None:
    if claim.analyses:
        orders.reach("after_claim")


def _die_of_poison(content: bytes) -> None:
    if content.endswith(POISON):
        os.kill(os.getpid(), signal.SIGKILL)


def _move_clock() -> None:
    """The database's clock is ahead by what is ordered; a real one jumps for every query at once, and so does this."""
    postgresql = Now.as_postgresql

    def as_sqlite(self: Now, compiler: Any, connection: Any, **extra: Any) -> Any:
        seconds = orders.read("clock") or "0"
        template = f"STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW', '{int(seconds)} seconds')"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self: Now, compiler: Any, connection: Any, **extra: Any) -> Any:
        sql, params = postgresql(self, compiler, connection, **extra)
        return f"({sql} + INTERVAL '{int(orders.read('clock') or '0')} seconds')", params

    setattr(Now, "as_sqlite", as_sqlite)  # noqa: B010  (mypy forbids the assignment)
    setattr(Now, "as_postgresql", as_postgresql)  # noqa: B010


class StandIn:
    """An engine as quick on every machine: it sleeps, and scores an image by its mean."""

    best_batch = 2

    def __init__(self, name: str, head: Head) -> None:
        self.name = name
        self._head = head
        hidden = head.hidden_weights
        self._channels = len(head.weights) if hidden is None else len(hidden)

    def run(self, batch: NDArray[np.uint8]) -> Output:
        time.sleep(FORWARD_SECONDS * len(batch))
        means = batch.mean(axis=(1, 2, 3), dtype=np.float32) / np.float32(255)
        features = np.broadcast_to(means[:, None, None, None], (len(batch), 8, 8, self._channels))
        return explain.score(np.ascontiguousarray(features), self._head)


def _open_stand_in(cls: type[Detector], /, folder: Path, engine: str = "litert-int8", **_: object) -> Detector:
    opened = bundle.load(folder)
    opened.verify(opened.card.engines[engine])  # a file that is gone or changed is found out all the same
    return cls(opened.card, StandIn(engine, explain.load_head(opened.verify(opened.card.head))))
