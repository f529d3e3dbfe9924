"""`manage.py prepare`: once before web and workers start or are renewed: the tables and the first administrator."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from console import preflight
from console.errors import CannotStart

PASSWORD = "ASSAY_ADMIN_PASSWORD"  # noqa: S105  (the variable's name)


class Command(BaseCommand):
    help = f"Migrate the database and create the first administrator ({PASSWORD}, else a random password is shown)."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        given = os.environ.get(PASSWORD, "")
        try:
            preflight.make_folders()
            preflight.check_bundle()
            preflight.check_face_model()
            preflight.migrate()
            password = preflight.make_administrator(given)
        except CannotStart as reason:
            self.stderr.write(str(reason))
            sys.exit(1)
        if password is not None:
            shown = f"with the password in {PASSWORD}" if given else f"with the password {password} (shown once)"
            self.stdout.write(f"Created the administrator {preflight.ADMINISTRATOR} {shown}.")
        self.stdout.write("The database is ready.")
