"""Reads settings from the environment and stops with one clear sentence where a value makes no sense."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    raw = text(name, str(default))
    try:
        return int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, but is {raw!r}.") from None


def count(name: str, default: int) -> int:
    given = number(name, default)
    if given < 0:
        raise ImproperlyConfigured(f"{name} must not be negative, but is {given}.")
    return given


def switch(name: str, default: str) -> bool:
    word = text(name, default).lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, but is {word!r}.")


def choice(name: str, default: str, *choices: str) -> str:
    word = text(name, default).lower()
    if word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, but is {word!r}.")
    return word


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; empty entries are dropped."""
    return [word for part in text(name, default).split(",") if (word := part.strip())]


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def bucket(name: str) -> tuple[str, str]:
    """Bucket and prefix of s3://bucket/prefix; two empty words where none is given."""
    given = text(name, "")
    parts = urlsplit(given)
    if given and (parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment):
        raise ImproperlyConfigured(f"{name} must be s3://bucket/prefix (leave it empty for a local folder).")
    return parts.netloc, parts.path.strip("/")


def optional_file(name: str) -> Path | None:
    given = text(name, "")
    return Path(given).expanduser().resolve() if given else None


def socket_path(wanted: Path) -> Path:
    """`wanted`, or a short stand-in where the kernel would refuse it: a unix socket's path has 108 bytes (unix(7))."""
    return wanted if len(os.fsencode(wanted)) < 108 else _stand_in(wanted, Path(tempfile.gettempdir())) / wanted.name


def memory_folder(wanted: Path) -> Path:
    """A stand-in for `wanted` in memory, where the machine has files there."""
    memory = Path("/dev/shm")  # noqa: S108  (whoever makes it looks whose it is)
    return _stand_in(wanted, memory) if memory.is_dir() else wanted


def _stand_in(wanted: Path, parent: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    return parent / f"assay-{os.getuid()}-{digest}"


def cache(name: str, broker_url: str) -> dict[str, object]:
    """Django's settings for the cache at the URL in `name` (redis://, rediss:// or unix:///path?db=1), or beside the
    broker: the same server, in the next of its numbered databases."""
    url = text(name, "") or _beside(broker_url)
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(
            f"{name} must begin with redis://, rediss:// or unix:// where BROKER_URL is not a Redis or Valkey."
        )
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}


def _beside(broker_url: str) -> str:
    """Kombu's words for a broker in redis-py's: redis+socket:///path?virtual_host=2, redis://host/2."""
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
        return f"unix://{parts.path}?db={_next(number)}"
    if parts.scheme in {"redis", "rediss"}:
        return urlunsplit(parts._replace(path=f"/{_next(parts.path.strip('/') or '0')}"))
    return broker_url


def _next(number: str) -> int:
    """Of 16 databases a server has by default."""
    return (int(number) + 1) % 16 if number.isdecimal() else 1


def rate(name: str, default: int) -> int:
    """Requests a minute; 0 means without a limit."""
    given = number(name, default)
    if given < 0:
        raise ImproperlyConfigured(f"{name} must be a number of requests a minute, or 0 for no limit.")
    return given


def database(name: str, sqlite_file: Path) -> dict[str, object]:
    """Django's settings for the database at the URL in `name` (postgres://user:password@host:port/name, or
    postgres:///name?host=/folder for a unix socket), or SQLite in `sqlite_file`.

    SQLite: WAL lets readers go on while one writes; synchronous FULL makes a commit survive a power cut;
    IMMEDIATE takes the write lock at BEGIN, so a transaction never fails half-way with "database is locked".
    """
    url = text(name, "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_file,
            "CONN_MAX_AGE": None,  # the last connection to close checkpoints the WAL: 5 to 10 ms a request
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgres:// (leave it empty for SQLite).")
    socket_folder = parse_qs(parts.query).get("host", [""])[0]  # libpq's way to name a unix socket's folder
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or socket_folder,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A host that vanishes without a word is given up after 20 s; TCP alone would wait a quarter of an hour.
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,  # milliseconds
        },
    }
