"""Bytes in a bucket of S3 or of a server that speaks it; imported only where ASSAY_STORAGE asks for it."""

import base64
import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from batches.errors import FileCorrupt, FileMissing, StorageAway, StorageFull

logger = logging.getLogger(__name__)

SENDERS = 8  # uploads at a time: a request waits for the slowest of its images, not for their sum
CONNECT_SECONDS = 3
READ_SECONDS = 20
ATTEMPTS = 4
SHA256_DIGITS = 64
ONE_PART_BYTES = 1024**3  # an object sent in parts has no SHA-256 of its whole; images are far smaller
GONE = {"404", "NoSuchKey"}
FULL = {"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"}

# Kept, because each thread opens a session of its own, which takes some 0.1 s.
_senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="s3")


class HashedStorage(S3Storage):  # type: ignore[misc]  # the package has no types
    """django-storages' S3, with the hash in an object's name sent along: S3 refuses what reaches it changed."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        parameters = dict(super().get_object_parameters(name))
        path = PurePosixPath(name)  # the prefix comes before it
        if path.parts[-4:-3] == ("files",) and len(path.name) == SHA256_DIGITS:
            parameters["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(path.name)).decode()
        return parameters


def keep(uploads: Mapping[str, Path]) -> None:
    """Returns when S3 has acknowledged every object. Raises StorageFull, StorageAway, and FileCorrupt where an upload
    changed on this disk since it was hashed."""
    list(_senders.map(_send, uploads.keys(), uploads.values()))


def _send(sha256: str, path: Path) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise FileCorrupt
        with _trouble_told():
            _storage().save(_name_of(sha256), File(file))


def read(sha256: str) -> bytes:
    """Raises FileMissing, StorageAway."""
    return _read(_name_of(sha256))


def missing(hashes: Collection[str]) -> list[str]:
    """Raises StorageAway."""
    return [sha256 for sha256, is_there in zip(hashes, _senders.map(_exists, hashes), strict=True) if not is_there]


def _exists(sha256: str) -> bool:
    with _trouble_told():
        return bool(_storage().exists(_name_of(sha256)))


def remove(hashes: Collection[str]) -> None:
    """Raises StorageAway."""
    list(_senders.map(_remove, hashes))
    remove_thumbnails(hashes)


def _remove(sha256: str) -> None:
    with _trouble_told():
        _storage().delete(_name_of(sha256))


def remove_thumbnails(hashes: Collection[str]) -> None:
    """Raises StorageAway."""
    list(_senders.map(_remove_thumbnails, hashes))


def _remove_thumbnails(sha256: str) -> None:
    with _trouble_told():
        _list(f"thumbnails/{sha256[:2]}/{sha256}-").delete()


def abandoned(prefix: str, *, before: float) -> Iterator[list[str]]:
    """One group; `before` is in seconds since the epoch. Raises StorageAway."""
    with _trouble_told():
        stored = list(_list(f"files/{prefix}/"))
    yield [PurePosixPath(one.key).name for one in stored if one.last_modified.timestamp() < before]


def _list(prefix: str) -> Any:
    """Every object whose name begins so; asked for when iterated over."""
    storage = _storage()
    return storage.bucket.objects.filter(Prefix=f"{storage.location}/{prefix}".lstrip("/"))


def read_thumbnail(name: str) -> bytes:
    """Raises FileMissing, StorageAway."""
    return _read(f"thumbnails/{name[:2]}/{name}")


def keep_thumbnail(name: str, content: bytes) -> None:
    """Raises StorageFull, StorageAway."""
    with _trouble_told():
        _storage().save(f"thumbnails/{name[:2]}/{name}", ContentFile(content))


def keep_export(name: str, draft: Path) -> None:
    """Returns when S3 has acknowledged it. Raises StorageFull, StorageAway."""
    with draft.open("rb") as file, _trouble_told():
        _storage().save(f"exports/{name}", File(file))


def open_export(name: str) -> IO[bytes]:
    """A stream that cannot be rewound. Raises FileMissing, StorageAway."""
    return _open_object(f"exports/{name}")


def remove_exports(names: Collection[str]) -> None:
    """Raises StorageAway."""
    with _trouble_told():
        for name in names:
            _storage().delete(f"exports/{name}")


def abandoned_exports(*, before: float) -> list[str]:
    """`before` is in seconds since the epoch. Raises StorageAway."""
    with _trouble_told():
        stored = list(_list("exports/"))
    return [PurePosixPath(one.key).name for one in stored if one.last_modified.timestamp() < before]


def _name_of(sha256: str) -> str:
    return f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _read(name: str) -> bytes:
    with _trouble_told():
        return _open_object(name).read()


def _open_object(name: str) -> IO[bytes]:
    storage = _storage()
    with _trouble_told():
        # Not storage.open: it asks for the object's head first, and a worker reads thousands.
        body: IO[bytes] = storage.bucket.Object(str(PurePosixPath(storage.location) / name)).get()["Body"]
    return body


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise FileMissing from None
        if code in FULL:
            raise StorageFull from error
        logger.error("S3 refuses: %s", error)
        raise StorageAway from error
    except (BotoCoreError, OSError) as error:
        logger.error("S3 cannot be reached: %s", error)
        raise StorageAway from error


def _storage() -> HashedStorage:
    return _open(settings.S3_BUCKET, settings.S3_PREFIX, settings.S3_ENDPOINT, settings.S3_REGION)


@cache
def _open(bucket: str, prefix: str, endpoint: str, region: str) -> HashedStorage:
    return HashedStorage(
        bucket_name=bucket,
        location=prefix,
        endpoint_url=endpoint or None,
        region_name=region or None,
        file_overwrite=True,  # the same name is the same bytes: heals a damaged copy, and asks for no head
        transfer_config=TransferConfig(multipart_threshold=ONE_PART_BYTES, use_threads=False),
        client_config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            s3={"addressing_style": "path" if endpoint else "auto"},
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",  # the store compares hashes itself
        ),
    )
