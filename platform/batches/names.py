"""Turns the name a sender gave a file into one that is safe to show; it is never used as a path."""

import re
import unicodedata

MAX_LENGTH = 150


def clean_filename(raw: str) -> str:
    """The last part of the name, in NFC, without control and invisible characters, at most MAX_LENGTH long.

    Unicode category C holds the control characters and the marks that turn the reading direction round
    ("photo + U+202E + gnp.exe"), Zl and Zp the line and paragraph separators.
    """
    last_part = re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1]
    visible = "".join(c for c in last_part if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029").strip()
    if visible in {"", ".", ".."}:
        return "unnamed"
    if len(visible) <= MAX_LENGTH:
        return visible
    stem, dot, suffix = visible.rpartition(".")
    if not dot or len(suffix) > 10:
        return visible[:MAX_LENGTH]
    return f"{stem[: MAX_LENGTH - 1 - len(suffix)]}.{suffix}"
