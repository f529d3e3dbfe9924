"""Cuts a query into pages by keyset, so the thousandth page costs what the first does and none repeats a row."""

import base64
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

from api import errors

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """Sorts by `field`, then id; rows without a value come last, whichever way the rest is sorted."""

    field: str
    kind: type[int] | type[float] | type[datetime]
    descending: bool = False
    ids_descending: bool = False  # as the index has them, so the database reads it straight through
    nullable: bool = False


NEWEST_FIRST = Order("created_at", datetime, descending=True)
LATEST_DELETED_FIRST = Order("deleted_at", datetime, descending=True)
ANALYSIS_ORDERS = {
    "ordinal": Order("ordinal", int),
    "fake_probability": Order("fake_probability", float, nullable=True),
    "-fake_probability": Order("fake_probability", float, descending=True, ids_descending=True, nullable=True),
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Position:
    """The last row of a page; `value` is None among the rows without one."""

    value: int | float | datetime | None
    id: UUID


def cut(rows: QuerySet[Row], order: Order, cursor: str | None, limit: int) -> Page[Row]:
    """The next `limit` rows after `cursor`; raises InvalidCursor."""
    position = read(cursor, order) if cursor else None
    found: list[Row] = []
    if position is None or position.value is not None:
        found = list(valued(rows, order, position)[: limit + 1])
        position = None
    if order.nullable and len(found) <= limit:
        found += unvalued(rows, order, position)[: limit + 1 - len(found)]
    page = found[:limit]
    return Page(page, write(page[-1], order) if len(found) > limit else None)


def valued(rows: QuerySet[Row], order: Order, after: Position | None) -> QuerySet[Row]:
    if order.nullable:
        rows = rows.filter(**{f"{order.field}__isnull": False})
    if after is not None:
        beyond = "lt" if order.descending else "gt"
        further = Q(**{f"{order.field}__{beyond}": after.value})
        tied = Q(**{order.field: after.value, f"id__{'lt' if order.ids_descending else 'gt'}": after.id})
        # The first condition says nothing new; it is what lets the index start at the right row.
        rows = rows.filter(Q(**{f"{order.field}__{beyond}e": after.value}), further | tied)
    field = F(order.field).desc() if order.descending else F(order.field).asc()
    return rows.order_by(field, "-id" if order.ids_descending else "id")


def unvalued(rows: QuerySet[Row], order: Order, after: Position | None) -> QuerySet[Row]:
    rows = rows.filter(**{f"{order.field}__isnull": True})
    if after is not None:
        rows = rows.filter(id__gt=after.id)
    return rows.order_by("id")


def write(row: Model, order: Order) -> str:
    value = getattr(row, order.field)
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value, str(row.pk)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, order: Order) -> Position:
    try:
        value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return Position(value_of(value, order), UUID(row_id))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise errors.InvalidCursor from None


def value_of(raw: Any, order: Order) -> int | float | datetime | None:
    if raw is None and order.nullable:
        return None
    if order.kind is datetime:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment.astimezone(UTC)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) >= 2**31:
        raise ValueError("not a number of ours")
    return raw
