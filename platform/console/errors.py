"""Why a command cannot do its work; each is one sentence that says what to do.

CannotStart
CannotBackUp
CannotRestore
"""


class CannotStart(Exception):
    """Raised by the checks of `up` with the sentence to show."""


class CannotBackUp(Exception):
    """Raised by `backup` with the sentence to show; nothing of it stays behind."""


class CannotRestore(Exception):
    """Raised by `restore` with the sentence to show; the installation is as empty as before."""
