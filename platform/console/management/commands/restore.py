"""`manage.py restore DIR`: a backup into an empty installation."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from console import backups
from console.errors import CannotRestore, CannotStart


class Command(BaseCommand):
    help = "Bring a backup back into an installation that is empty and does not run."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that `backup` made")

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            backup = backups.restore(folder.absolute())
        except (CannotRestore, CannotStart) as reason:
            self.stderr.write(f"Nothing was restored. {reason}")
            sys.exit(1)
        self.stdout.write(
            f"The state of {backup.made_at} is back: {backup.images} images, {backup.files} files. "
            "Start Assay again, or run `manage.py migrate` where a newer version of it takes over."
        )
