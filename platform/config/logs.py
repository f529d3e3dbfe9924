"""What every log line carries and how it is written: one line an event, as text or as JSON, with the id of the request
it belongs to; nothing that came from outside can begin a line of its own."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from config import traces

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Of the request that this thread answers or works for; empty where there is none."""
    return _request_id.get()


def fit(given: object) -> str:
    """`given`, if it is an id that may stand in a log, else nothing: it comes from a client or off the broker."""
    return given if isinstance(given, str) and REQUEST_ID.fullmatch(given) else ""


@contextmanager
def for_request(given: str) -> Iterator[None]:
    """Every line logged inside carries this id."""
    token = _request_id.set(given)
    try:
        yield
    finally:
        _request_id.reset(token)


def escape(text: str) -> str:
    """Line ends and control characters as Python writes them: a file's name can hold any."""
    return CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


class RequestIdFilter(logging.Filter):
    """Puts the request's id on each record, and the trace's where traces are on."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = request_id()
        record.trace_id = traces.trace_id()
        return True


class OneLineFilter(logging.Filter):
    """Leaves the traceback out, of what scanners send all day."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


class LineFormatter(logging.Formatter):
    """For people: time, level, logger, message, and the request's id at the end. The lines of a traceback are drawn
    in, so that none can be taken for an event."""

    def format(self, record: logging.LogRecord) -> str:
        message = escape(record.getMessage())
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {message}"
        if given := getattr(record, "request_id", ""):
            line += f" [{given}]"
        trouble = [self.formatException(record.exc_info)] if record.exc_info else []
        trouble += [record.stack_info] if record.stack_info else []
        return "\n".join([line, *(f"  | {escape(part)}" for text in trouble for part in text.split("\n"))])


class JsonLineFormatter(JsonFormatter):
    """For machines: one JSON object a line; what is passed as `extra` stands beside the message."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(process)d %(threadName)s",
            rename_fields={"levelname": "level", "name": "logger", "process": "pid", "threadName": "thread"},
            timestamp="time",
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in log_data.items() if value not in ("", None)}


FORMATS = {"line": "config.logs.LineFormatter", "json": "config.logs.JsonLineFormatter"}


def settings_for(chosen: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr in the chosen format, `line` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATS[chosen]}},
        "filters": {
            "request_id": {"()": "config.logs.RequestIdFilter"},
            "one_line": {"()": "config.logs.OneLineFilter"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["request_id"]},
        },
        "loggers": {
            "waitress.queue": {"level": "ERROR"},  # a full house is no news: it warns at every request
            # Every permit and sweep twice: tasks tell what came of it in a line of their own.
            **{name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat")},
            "django.request": {"level": "ERROR"},  # what was refused is in the request's own line
            "django.security.DisallowedHost": {"filters": ["one_line"]},
            # Django's own handlers print lines of their own kind in DEBUG: ours tells everything.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
        "root": {"handlers": ["console"], "level": level},
    }
