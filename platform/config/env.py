"""Reads settings from the environment and stops with one clear sentence where a value makes no sense."""

import hashlib
import math
import os
import tempfile
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, *, least: int = 0, most: float = math.inf) -> int:
    raw = text(name, str(default))
    try:
        given = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, but is {raw!r}.") from None
    if not least <= given <= most:
        allowed = f"{least} or more" if most == math.inf else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} must be {allowed}, but is {given}.")
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


def origins(name: str) -> list[str]:
    """A comma-separated list of addresses as browsers send them in Origin."""
    given = words(name)
    for origin in given:
        if not _is_http(name, origin) or urlsplit(origin).path:  # would match nothing, and nobody would be told
            raise ImproperlyConfigured(f"{name} must be like https://host or https://host:port, but is {origin!r}.")
    return given


def endpoint(name: str) -> str:
    given = text(name, "")
    if given and not _is_http(name, given):
        raise ImproperlyConfigured(f"{name} must begin with https:// or http://, but is {given!r}.")
    return given


def _is_http(name: str, url: str) -> bool:
    parts = _split(name, url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def folder(name: str, default: Path) -> Path:
    return _path(name, text(name, str(default)))


def bucket(name: str) -> tuple[str, str]:
    """Bucket and prefix of s3://bucket/prefix; two empty words where none is given."""
    given = text(name, "")
    parts = _split(name, given)
    if given and (parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment):
        raise ImproperlyConfigured(f"{name} must be s3://bucket/prefix (leave it empty for a local folder).")
    return parts.netloc, parts.path.strip("/")


def optional_file(name: str) -> Path | None:
    given = text(name, "")
    return _path(name, given) if given else None


def _path(name: str, given: str) -> Path:
    try:
        return Path(given).expanduser().resolve()
    except RuntimeError as error:  # ~ of a user that there is not, or links that lead in a circle
        raise ImproperlyConfigured(f"{name}={given} leads nowhere ({error}). Give the whole path.") from None


def socket_path(wanted: Path) -> Path:
    """`wanted`, or a short stand-in where the kernel would refuse it: a unix socket's path has 108 bytes (unix(7)); or
    where the broker's URL would end within it."""
    if len(os.fsencode(wanted)) < 108 and not set(str(wanted)) & set("#?%"):
        return wanted
    return _stand_in(wanted, Path(tempfile.gettempdir())) / wanted.name


def memory_folder(wanted: Path) -> Path:
    """A stand-in for `wanted` in memory, where the machine has files there."""
    memory = Path("/dev/shm")  # noqa: S108  (whoever makes it looks whose it is)
    return _stand_in(wanted, memory) if memory.is_dir() else wanted


def _stand_in(wanted: Path, parent: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    return parent / f"assay-{os.getuid()}-{digest}"


def broker(name: str, default: str) -> str:
    url = text(name, default)
    if _split(name, url).scheme not in {"redis", "rediss", "redis+socket"}:
        raise ImproperlyConfigured(
            f"{name} must begin with redis://, rediss:// or redis+socket:// (leave it empty for a broker of our own)."
        )
    return url


def cache(name: str, broker_url: str) -> dict[str, object]:
    """Django's settings for the cache at the URL in `name` (redis://, rediss:// or unix:///path?db=1), or beside the
    broker: the same server, in the next of its numbered databases."""
    url = text(name, "") or _beside(broker_url)
    if _split(name, url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(
            f"{name} must begin with redis://, rediss:// or unix:// (leave it empty for the broker's own server)."
        )
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}


def _beside(broker_url: str) -> str:
    """Kombu's words for a broker in redis-py's: redis+socket:///path?virtual_host=2, redis://host/2."""
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
        return f"unix://{parts.path}?db={_next(number)}"
    return urlunsplit(parts._replace(path=f"/{_next(parts.path.strip('/') or '0')}"))


def _next(number: str) -> int:
    """Of 16 databases a server has by default."""
    return (int(number) + 1) % 16 if number.isdecimal() else 1


def _split(name: str, url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # the error may show a part of the password
        raise ImproperlyConfigured(f"{name} is no URL: write signs like [ and ] in its password as %XX.") from None


def database(name: str, sqlite_file: Path) -> dict[str, object]:
    """Django's settings for the database at the URL in `name` (postgres://user:password@host:port/name?sslmode=require
    with libpq's options, or postgres:///name?host=/folder for a unix socket), or SQLite in `sqlite_file`.

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
    given = _postgres(name, url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", ""),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A host that vanishes without a word is given up after 20 s; TCP alone would wait a quarter of an hour.
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,  # milliseconds
            **given,
        },
    }


def _postgres(name: str, url: str) -> dict[str, str]:
    """What the URL says, by libpq's own names."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name} must begin with postgres:// (leave it empty for SQLite).")
    from psycopg import ProgrammingError  # noqa: PLC0415  (SQLite needs none of it)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        return {keyword: str(value) for keyword, value in conninfo_to_dict(url).items()}
    except ProgrammingError:  # its words may show a part of the password
        raise ImproperlyConfigured(
            f"{name} cannot be read. Write it as postgres://user:password@host:port/name?option=value with options "
            "that libpq knows, and signs like % and @ in the password as %XX."
        ) from None
