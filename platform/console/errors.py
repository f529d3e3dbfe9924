"""Why the system cannot start; each is one sentence that says what to do.

CannotStart
"""


class CannotStart(Exception):
    """Raised by the checks of `up` with the sentence to show."""
