#!/usr/bin/env python3
"""Django's command line; puts platform/ on the path, where the rooms of the web application live."""

import os
import sys
from pathlib import Path


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  (a clear word when missing)
        from django.core.management import execute_from_command_line  # noqa: PLC0415
        from django.db import DatabaseError  # noqa: PLC0415
    except ModuleNotFoundError:
        sys.exit("Django is not installed here. Run `make install`, then `.venv/bin/python manage.py`.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except DatabaseError as error:
        sys.exit(
            f"The database cannot be used: {str(error).strip().splitlines()[0]}. Let ASSAY_HOME or DATABASE_URL name "
            "that of an installation, or make its tables by `manage.py prepare`."
        )
    except OSError as error:  # settings make the data folder; a full or read-only disk shows here first
        sys.exit(
            f"{error.filename or 'The data folder'} cannot be written: {error.strerror}. Set ASSAY_HOME or make room."
        )


if __name__ == "__main__":
    main()
