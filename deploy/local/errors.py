"""Why the services cannot be started here; each is one sentence that says what to do.

CannotRun
"""


class CannotRun(Exception):
    """Raised with the sentence to show."""
