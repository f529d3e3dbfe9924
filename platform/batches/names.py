"""Turns the names that people give files and batches into ones that are safe to show; none is ever used as a path."""

import re
import unicodedata

MAX_LENGTH = 150


def clean_filename(raw: str) -> str:
    """The last part of the name as `clean_text` leaves it, at most MAX_LENGTH long."""
    visible = clean_text(re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1])
    if visible in {"", ".", ".."}:
        return "unnamed"
    if len(visible) <= MAX_LENGTH:
        return visible
    stem, dot, suffix = visible.rpartition(".")
    if not dot or len(suffix) > 10:
        return visible[:MAX_LENGTH]
    return f"{stem[: MAX_LENGTH - 1 - len(suffix)]}.{suffix}"


def clean_text(raw: str) -> str:
    """In NFC, without control and invisible characters, and without blanks at its ends.

    Unicode category C holds the control characters and the marks that turn the reading direction round
    ("photo + U+202E + gnp.exe"), Zl and Zp the line and paragraph separators.
    """
    composed = unicodedata.normalize("NFC", raw)
    return "".join(c for c in composed if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029").strip()
