"""`manage.py backup DIR`: database, images and models into a new folder, while the system works."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from console import backups
from console.errors import CannotBackUp


class Command(BaseCommand):
    help = "Write database, images and models into a new folder. The system may go on working meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that does not exist yet")

    def handle(self, *, folder: Path, **_: Any) -> None:
        """Exit code 0: made. 1: not made, or made of some files that are damaged where they are stored."""
        try:
            backup = backups.make(folder.absolute())
        except CannotBackUp as reason:
            self.stderr.write(f"No backup was made. {reason}")
            sys.exit(1)
        self.stdout.write(f"{folder}: {backup.images} images, {backup.files} files, {backup.database}.")
        if backup.damaged:
            self.stderr.write(
                f"Damaged where they are stored: {', '.join(backup.damaged)}. See manage.py sanity_check."
            )
            sys.exit(1)
