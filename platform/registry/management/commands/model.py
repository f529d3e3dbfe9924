"""`manage.py model import PATH | list | activate V | rollback | shadow V|none`: what there is and what judges."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from detector.errors import BundleError
from registry import selectors, versions
from registry.errors import RegistryError


class Command(BaseCommand):
    help = "Import a trained bundle, let a version judge or look on, or go back to the one before."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("import", help="copy a bundle (a folder or a ZIP)").add_argument("path", type=Path)
        actions.add_parser("list", help="all versions, the newest first")
        actions.add_parser("activate", help="let a version judge from now on").add_argument("version")
        actions.add_parser("rollback", help="let the version before judge again")
        actions.add_parser("shadow", help="have a version score unseen, or none").add_argument("version")

    def handle(self, *, action: str, **given: Any) -> None:
        try:
            self.stdout.write(_act(action, given))
        except (RegistryError, BundleError) as error:
            print(error, file=sys.stderr)
            sys.exit(1)
        except OSError as error:
            print(f"{error.filename or given['path']}: {error.strerror}. Nothing was kept.", file=sys.stderr)
            sys.exit(1)


def _act(action: str, given: dict[str, Any]) -> str:
    match action:
        case "import":
            return f"{versions.take_in(given['path'], by=None)} is here. `manage.py model activate` lets it judge."
        case "activate":
            return f"{versions.activate(given['version'], by=None)} judges from now on."
        case "rollback":
            return f"{versions.roll_back(by=None)} judges again."
        case "shadow" if given["version"] == "none":
            versions.end_shadow()
            return "No version looks on."
        case "shadow":
            return f"{versions.start_shadow(given['version'])} looks on from now on."
        case _:
            return _table()


def _table() -> str:
    rows = (
        f"{row.version:<40} {row.state:<10} {row.imported_at:%Y-%m-%d %H:%M}  {row.problem}".rstrip()
        for row in selectors.versions()
    )
    return "\n".join(rows) or "There are no versions. `manage.py migrate` lists the one that ships."
