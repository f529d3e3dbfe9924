"""Whether this web process can take work: what it needs at once, and what may be missing for a while."""

from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from registry import bundles, selectors
from registry.errors import RegistryError
from status import broker
from status.selectors import workers

GOOD = "ok"

_is_migrated = False  # tables do not go back while we run, and reading all migrations takes long


@dataclass
class Readiness:
    """Each check's answer in a few words. `missing`: without these nothing can be taken in; `degraded`: what is
    accepted is kept and goes on when they are back."""

    checks: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)


def look() -> Readiness:
    readiness = Readiness()
    try:
        readiness.checks["database"] = _ask_database()
        _add(readiness.missing, readiness, "migrations", _ask_migrations())
        if not readiness.missing:  # the others ask tables
            _add(readiness.missing, readiness, "model", _ask_model())
            _add(readiness.degraded, readiness, "worker", _ask_workers())
    except (DatabaseError, InterfaceError):
        readiness.checks["database"] = "does not answer"
        readiness.missing.append("database")
    _add(readiness.degraded, readiness, "broker", _ask_broker())
    return readiness


def _add(faults: list[str], readiness: Readiness, name: str, answer: str) -> None:
    readiness.checks[name] = answer
    if answer != GOOD:
        faults.append(name)


def _ask_database() -> str:
    with connection.cursor() as cursor:
        connection.introspection.table_names(cursor)  # a bare SELECT 1 never touches SQLite's file
    return GOOD


def _ask_migrations() -> str:
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if lacking:
            return f"{len(lacking)} to apply; run manage.py migrate"
        _is_migrated = True
    return GOOD


def _ask_model() -> str:
    try:
        active = selectors.serving().active
    except RegistryError as error:
        return error.code
    return GOOD if bundles.find(active) else "the files of the active version are not there"


def _ask_workers() -> str:
    return GOOD if any(worker.is_alive for worker in workers()) else "none has been heard of lately"


def _ask_broker() -> str:
    return GOOD if broker.state().is_up else "does not answer; permits are sent when it is back"
