#!/usr/bin/env python3
"""Django's command line; puts platform/ on the path, where the rooms of the web application live."""

import os
import sys
from pathlib import Path


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  (a clear word when missing)
    except ModuleNotFoundError:
        sys.exit("Django is not installed here. Run `make install` first, then `.venv/bin/python manage.py`.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
