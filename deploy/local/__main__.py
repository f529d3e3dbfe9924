"""`python -m deploy.local`: production's own commands and settings without containers, to try out and to test."""

import argparse
import os
import re
import sys
from pathlib import Path

from deploy.local import ROOT, compose, services
from deploy.local.errors import CannotRun
from deploy.local.machine import Machine, free_ports
from deploy.local.services import Services


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "local", help="where everything is kept")
    parser.add_argument("--port", type=int, default=8080, help="where the proxy listens on the loopback")
    given = parser.parse_args()
    try:
        folder = make_folder(given.folder.resolve())
        variables = folder / ".env"
        if not variables.exists():
            services.make_variables(variables, f"localhost:{given.port}")
        say(f"Assay is starting on http://localhost:{given.port} (settings and first password in {variables})")
        machine = Machine(folder, free_ports() | {"proxy": given.port})
        # As compose has it: what stands in the environment goes before the file.
        Services(machine, compose.read_variables(variables) | dict(os.environ), report=say).run()
    except CannotRun as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        pass
    say("Stopped. Everything accepted is kept and goes on at the next start.")


def make_folder(folder: Path) -> Path:
    """Raises CannotRun where it cannot be, or its path would fall apart in the commands and files of the services."""
    if not re.fullmatch(r"[\w/.,@+-]+", str(folder)):
        raise CannotRun(f"{folder} has signs that shells and nginx take apart: name one without spaces (--folder).")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{folder} cannot be made ({error.strerror}): name another one (--folder).") from None
    return folder


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
