"""A ZIP file gives its images; whatever is dangerous in it is refused with its own code."""

import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches import archives, errors
from batches.errors import BatchesError

Content = list[tuple[str | zipfile.ZipInfo, bytes]]


def pack(content: Content, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, entry in content:
            archive.writestr(name, entry)
    return buffer.getvalue()


def unpack(path: Path) -> dict[str, bytes | str]:
    """Every entry's bytes, or the code it was refused with."""
    found: dict[str, bytes | str] = {}
    for entry in archives.open_entries(path):
        try:
            found[entry.filename] = b"".join(entry.chunks())
        except BatchesError as error:
            found[entry.filename] = error.code
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "images.zip"


def special(name: str, mode: int) -> zipfile.ZipInfo:
    record = zipfile.ZipInfo(name)
    record.external_attr = mode << 16
    return record


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("face.jpg"))
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_as_they_went_in(path: Path, method: int) -> None:
    path.write_bytes(pack([("a.jpg", b"one"), ("folder/", b""), ("folder/b.jpg", b"two")], method))

    assert unpack(path) == {"a.jpg": b"one", "folder/b.jpg": b"two"}


class Unflagged(zipfile.ZipInfo):
    """A name whose bytes nothing is said about."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, 0


def unflagged(raw: bytes) -> zipfile.ZipInfo:
    record = Unflagged(repr(raw))
    record.raw = raw
    return record


def test_names_are_read_as_they_were_written(path: Path) -> None:
    """As macOS packs them, as everybody else does, and as DOS did."""
    names = ["grün-1.jpg", "grün-2.jpg", "grün-3.jpg"]
    records: list[str | zipfile.ZipInfo] = [
        unflagged(names[0].encode()),
        names[1],
        unflagged(names[2].encode("cp437")),
    ]
    path.write_bytes(pack([(record, b"a photograph") for record in records]))

    assert list(unpack(path)) == names


def test_notes_that_macos_adds_are_passed_over(path: Path) -> None:
    path.write_bytes(pack([("a.jpg", b"one"), ("__MACOSX/._a.jpg", b"x"), ("folder/.DS_Store", b"x")]))

    assert unpack(path) == {"a.jpg": b"one"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("../../etc/passwd", b"x", "archive_unsafe_entry"),
        ("a/../../b.jpg", b"x", "archive_unsafe_entry"),
        ("/etc/passwd", b"x", "archive_unsafe_entry"),
        ("..\\b.jpg", b"x", "archive_unsafe_entry"),
        ("C:\\b.jpg", b"x", "archive_unsafe_entry"),
        (special("link.jpg", stat.S_IFLNK | 0o777), b"/etc/passwd", "archive_unsafe_entry"),
        (special("device.jpg", stat.S_IFCHR | 0o666), b"", "archive_unsafe_entry"),
        ("inner.zip", pack([("a.jpg", b"one")]), "archive_nested"),
        ("photo.jpg", pack([]), "archive_nested"),
        ("inner.tar", tar(), "archive_nested"),
        ("inner.tar.gz", b"\x1f\x8b\x08" + b"x" * 50, "archive_nested"),
        ("inner.7z", b"7z\xbc\xaf\x27\x1c", "archive_nested"),
        ("bomb.bmp", bytes(2 * archives.FREE_RATIO_BYTES), "archive_too_large"),
        ("large.bmp", bytes(archives.MAX_ENTRY_BYTES + 1), "file_too_large"),
    ],
)
def test_a_dangerous_entry_is_refused_alone(path: Path, name: str | zipfile.ZipInfo, content: bytes, code: str) -> None:
    path.write_bytes(pack([(name, content), ("good.jpg", b"good")]))

    refused, good = unpack(path).values()

    assert (refused, good) == (code, b"good")


def test_a_name_with_a_zero_byte_is_refused(path: Path) -> None:
    path.write_bytes(pack([("a.jpg_.exe", b"x")]).replace(b"a.jpg_.exe", b"a.jpg\0.exe"))

    assert unpack(path) == {"a.jpg": "archive_unsafe_entry"}


def test_an_encrypted_entry_is_refused(path: Path) -> None:
    content = bytearray(pack([("a.jpg", b"x")]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    assert unpack(path) == {"a.jpg": "archive_encrypted"}


def test_an_unusual_compression_is_refused(path: Path) -> None:
    path.write_bytes(pack([("a.jpg", b"x")], zipfile.ZIP_LZMA))

    assert unpack(path) == {"a.jpg": "archive_damaged"}


def test_a_stated_size_that_lies_gives_no_more_bytes_than_stated(path: Path) -> None:
    content = bytearray(pack([("a.jpg", b"x" * 100_000)]))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(content)

    assert unpack(path) == {"a.jpg": "archive_damaged"}


def test_too_many_files_are_refused_as_a_whole(path: Path) -> None:
    path.write_bytes(pack([(f"{place}.jpg", b"") for place in range(archives.MAX_ENTRIES + 1)]))

    with pytest.raises(errors.ArchiveTooManyFiles):
        archives.open_entries(path)


def test_a_huge_directory_is_refused_before_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(pack([("a.jpg", b"x")]) + b"PK\x01\x02" * archives.MAX_DIRECTORY_ENTRIES)
    monkeypatch.delattr(zipfile, "ZipFile")

    with pytest.raises(errors.ArchiveTooManyFiles):
        archives.open_entries(path)


def test_more_than_a_gigabyte_is_refused_as_a_whole(path: Path) -> None:
    content = bytearray(pack([(f"{place}.jpg", b"x") for place in range(60)]))
    position = -1
    while (position := content.find(b"PK\x01\x02", position + 1)) >= 0:
        struct.pack_into("<I", content, position + 24, archives.MAX_ENTRY_BYTES - 1)
    path.write_bytes(content)

    with pytest.raises(errors.ArchiveTooLarge):
        archives.open_entries(path)


def test_entries_that_share_bytes_are_refused(path: Path) -> None:
    content = bytearray(pack([("a.jpg", b"x" * 100), ("b.jpg", b"x" * 100)], zipfile.ZIP_STORED))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", content, second + 42, 0)
    path.write_bytes(content)

    with pytest.raises(errors.ArchiveDamaged):
        archives.open_entries(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not an archive" * 100, pack([("a.jpg", b"x" * 99)])[:-30]])
def test_what_is_no_whole_archive_is_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(errors.ArchiveDamaged):
        archives.open_entries(path)


SAMPLE = pack([("a.jpg", b"one" * 50), ("folder/", b""), ("folder/b.jpg", b"two" * 50)])


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_whatever_is_damaged_a_named_error_comes(path: Path, changes: list[tuple[int, int]]) -> None:
    content = bytearray(SAMPLE)
    for place, value in changes:
        content[place] = value
    path.write_bytes(content)

    try:
        found = unpack(path)
    except errors.ArchiveError:
        return
    assert all(isinstance(entry, str) or len(entry) <= 150 for entry in found.values())
