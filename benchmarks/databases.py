"""A fresh database of either kind for a measurement."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests import postgres

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")


@contextmanager
def fresh(kind: Kind, folder: Path) -> Iterator[dict[str, str]]:
    """The variables that put an installation in `folder` on a new database; a PostgreSQL is started and ended."""
    if kind == "sqlite":
        yield {}
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # else the package warns when it is imported
    server = postgres.start(folder / "postgres")
    try:
        yield {"DATABASE_URL": server.get_uri()}
    finally:
        server.cleanup()
