"""ZIP files: refuses what is dangerous before anything is unpacked, and gives the rest entry by entry."""

import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from batches.errors import (
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveNested,
    ArchiveTooLarge,
    ArchiveTooManyFiles,
    ArchiveUnsafeEntry,
    TooLarge,
)

MAX_ENTRIES = 5_000
MAX_REQUEST_ENTRIES = 50_000  # of all archives of one request together: a batch holds no more images
MAX_DIRECTORY_ENTRIES = 4 * MAX_ENTRIES  # macOS adds a note to every file, and folders are entries too
MAX_TOTAL_BYTES = 1024**3  # unpacked; of all archives of one request together
MAX_ENTRY_BYTES = 20 * 1024**2
MAX_RATIO = 100  # photographs hardly shrink; a run of zeros shrinks 1,000 times
FREE_RATIO_BYTES = 1024**2  # below this a high ratio harms nobody: a plain BMP has one
CHUNK_BYTES = 256 * 1024

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
DIRECTORY_ENTRY = re.compile(re.escape(b"PK\x01\x02"))
LOCAL_HEADER_BYTES = 30
UTF8_FLAG = 0x800
ARCHIVE_STARTS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
)
TAR_MAGIC = slice(257, 262)

# What zipfile raises at damaged bytes, besides its own error (found by mutating archives).
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError, OverflowError, EOFError)


@dataclass(frozen=True)
class Entry:
    """One file of an archive; what is wrong with it alone is raised when its chunks are read."""

    filename: str  # as the archive has it: for showing, never a path to write to
    archive: zipfile.ZipFile
    record: zipfile.ZipInfo

    def chunks(self) -> Iterator[bytes]:
        """Its bytes. Raises ArchiveUnsafeEntry, ArchiveEncrypted, ArchiveNested, ArchiveDamaged, ArchiveTooLarge
        (it unpacks to over 100 times its size) or TooLarge (over 20 MB)."""
        _check_entry(self.record)
        try:
            # zipfile never gives more bytes than the directory states, and those were summed up before.
            with self.archive.open(self.record) as file:
                chunk = file.read(CHUNK_BYTES)
                if chunk.startswith(ARCHIVE_STARTS) or chunk[TAR_MAGIC] == b"ustar":
                    raise ArchiveNested
                while chunk:
                    yield chunk
                    chunk = file.read(CHUNK_BYTES)
        except DAMAGE as error:
            raise ArchiveDamaged from error


def open_entries(path: Path, *, entries_before: int = 0, bytes_before: int = 0) -> Iterator[Entry]:
    """The files of an archive, without folders and macOS's own notes; before it so many came of others in the same
    request. What is wrong with the archive as a whole is raised at once: ArchiveDamaged, ArchiveTooManyFiles,
    ArchiveTooLarge."""
    check_directory_length(path)
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        raise ArchiveDamaged from error
    records = [record for record in archive.infolist() if _is_content(record)]
    try:
        _check_whole(records, archive, entries_before, bytes_before)
    except BaseException:
        archive.close()
        raise
    return _entries(archive, records)


def check_directory_length(path: Path) -> None:
    """Counts what zipfile would read as directory entries: it loads them all, and a directory of 200 MB would
    fill gigabytes of memory before anybody could count."""
    with path.open("rb") as file:
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:  # empty
            raise ArchiveDamaged from error
        with content:
            for count, _ in enumerate(DIRECTORY_ENTRY.finditer(content), start=1):
                if count > MAX_DIRECTORY_ENTRIES:
                    raise ArchiveTooManyFiles


def _is_content(record: zipfile.ZipInfo) -> bool:
    *folders, name = record.filename.split("/")  # a folder's own name ends with the slash
    return "__MACOSX" not in folders and name not in {"", ".DS_Store"}


def _check_whole(
    records: list[zipfile.ZipInfo], archive: zipfile.ZipFile, entries_before: int, bytes_before: int
) -> None:
    if len(records) > min(MAX_ENTRIES, MAX_REQUEST_ENTRIES - entries_before):
        raise ArchiveTooManyFiles
    if sum(record.file_size for record in records) > MAX_TOTAL_BYTES - bytes_before:
        raise ArchiveTooLarge
    # Entries that share bytes make a bomb out of few (David Fifield, "A better zip bomb", 2019).
    end = 0
    for record in sorted(archive.infolist(), key=lambda record: record.header_offset):
        if record.header_offset < end:
            raise ArchiveDamaged
        end = record.header_offset + LOCAL_HEADER_BYTES + len(record.orig_filename) + record.compress_size
    if end > archive.start_dir:
        raise ArchiveDamaged


def _entries(archive: zipfile.ZipFile, records: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    with archive:
        for record in records:
            yield Entry(_shown(record), archive, record)


def _shown(record: zipfile.ZipInfo) -> str:
    """Its name. macOS writes UTF-8 without saying so, which zipfile then reads as the code page of the first PCs."""
    if record.flag_bits & UTF8_FLAG:
        return record.filename
    try:
        return record.filename.encode("cp437").decode()
    except UnicodeError:
        return record.filename


def _check_entry(record: zipfile.ZipInfo) -> None:
    if _is_unsafe(record):
        raise ArchiveUnsafeEntry
    if record.flag_bits & 0x1:
        raise ArchiveEncrypted
    if record.compress_type not in METHODS:
        raise ArchiveDamaged
    if record.file_size > MAX_ENTRY_BYTES:
        raise TooLarge
    if record.file_size > max(FREE_RATIO_BYTES, MAX_RATIO * record.compress_size):
        raise ArchiveTooLarge


def _is_unsafe(record: zipfile.ZipInfo) -> bool:
    """Such names and types come from attacks, not from people who packed photographs."""
    name = record.orig_filename.replace("\\", "/")  # zipfile has cut `filename` at a NUL
    kind = stat.S_IFMT(record.external_attr >> 16)  # 0 where the archive was made on Windows
    return (
        "\0" in name
        or name.startswith("/")
        or re.match(r"[A-Za-z]:", name) is not None
        or ".." in name.split("/")
        or kind not in (0, stat.S_IFREG)
    )
