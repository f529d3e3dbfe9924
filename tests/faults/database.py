"""A database that refuses to grow: SQLite by its own limit, PostgreSQL by the error a full disk gives."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors

from tests.faults import orders


def refuse_writes(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Watches a new connection, for as long as `database_full` is ordered."""
    connection.execute_wrappers.append(_Watch(connection))


class _Watch:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        is_full = orders.is_pending("database_full")
        if self._connection.vendor == "sqlite":
            self._limit_pages(is_full)
        elif is_full and sql.lstrip().upper().startswith(("INSERT", "UPDATE")):
            raise OperationalError from errors.DiskFull("could not extend file")
        return execute(sql, params, many, context)

    def _limit_pages(self, is_full: bool) -> None:
        cursor = self._connection.connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0] if is_full else 1_073_741_823
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.close()
