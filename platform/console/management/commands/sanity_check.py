"""`manage.py sanity_check`: rows against files and counters against rows; may run beside a working system."""

import sys
from argparse import ArgumentParser
from collections import Counter
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand

from batches.errors import StorageAway
from console import sanity


class Command(BaseCommand):
    help = "Hold the database against the stored files. Exit code 0: all is well. 1: something is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hash", action="store_true", help="read every file and compare its SHA-256")
        parser.add_argument(
            "--repair", action="store_true", help="remove files that no row has known for a day, and count anew"
        )

    def handle(self, *, hash: bool, repair: bool, **_: Any) -> None:
        try:
            wrong = self._tell(hash, repair)
        except StorageAway as error:
            self.stderr.write(f"The check was broken off. {error.message}")
            sys.exit(1)
        if wrong.total():
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(wrong.items()) if count)
            self.stderr.write(f"Something is wrong: {kinds}.")
            sys.exit(1)
        self.stdout.write("All rows have their files, all files their rows, and the counters add up.")

    def _tell(self, hash: bool, repair: bool) -> Counter[str]:
        """How many of each kind are wrong. Raises StorageAway."""
        mended = sanity.repair() if repair else iter(())
        wrong: Counter[str] = Counter()
        told = set()
        for finding in chain(mended, sanity.check(with_hashes=hash)):
            if (finding.kind, finding.what) in told:
                continue  # a young orphan is told by both
            told.add((finding.kind, finding.what))
            wrong[finding.kind] += not finding.is_mended
            self.stdout.write(f"{finding.kind:<9} {finding.what}  {finding.detail}")
        return wrong
