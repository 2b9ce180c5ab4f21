"""A hostile ZIP of result files, listed within bounds: what may be read of it is known before a byte is unpacked.

Standard library only. The kit looks at a team's archive with the same functions, so that it says the same beforehand.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: folders that an archive may have around the tree, such as Submission/
WRAPPINGS = 2
#: a directory of a ZIP beyond this is not looked at, bytes: what it becomes in memory is a few times as large
_DIRECTORY = 8 * 2**20
_LONGEST_NAME = 400
#: an archive begins with its first file, or with its end where it has none
_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_NO_ZIP = "it is not a ZIP archive that can be read"
#: bytes that stand before a file's own, its name apart
_HEADER = 30
#: what macOS puts beside a tree or around a copy of it: no file of a team
_MACOS = "__MACOSX"


class BadArchive(Exception):
    """The whole archive is refused. code: a run failure. detail: in our own words; name: the entry's, for its owner alone."""

    def __init__(self, code: str, detail: str, *, name: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Entries by name, folders left out."""

    #: regular files
    files: Mapping[str, zipfile.ZipInfo]
    #: links, devices, pipes
    others: frozenset[str]


class _Bounded(io.BufferedReader):
    """A file of which one read gives so much at most: a directory of gigabytes never lies in memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(_DIRECTORY + 1 if size is None or size < 0 else min(size, _DIRECTORY + 1))
        if len(content) > _DIRECTORY:
            raise BadArchive("PROTOCOL", f"its directory is longer than {_DIRECTORY} bytes")
        return content


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, its directory read. Raises BadArchive(PROTOCOL) for what is no ZIP, or has one behind other bytes; OSError."""
    with path.open("rb", buffering=0) as raw:
        if raw.read(len(_BEGINS[0])) not in _BEGINS:
            raise BadArchive("PROTOCOL", _NO_ZIP)
        raw.seek(0)
        file: BinaryIO = _Bounded(raw)
        try:
            archive = zipfile.ZipFile(file)
        # what the module lets through of a broken directory
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            NotImplementedError,
            ValueError,
            OverflowError,
            EOFError,
        ) as e:
            raise BadArchive("PROTOCOL", _NO_ZIP) from e
        with archive:
            yield archive


def list_entries(archive: zipfile.ZipFile, *, max_entries: int, max_bytes: int) -> Listing:
    """Every entry judged by the directory alone. Numbers of entries count from 1.

    Raises BadArchive: OUTPUT_TOO_LARGE for more entries, or more bytes unpacked, than allowed; PROTOCOL for a name that leads
    out or is there twice, for encryption, for a compression other than deflate, for bytes that two entries share.
    """
    entries = archive.infolist()
    if len(entries) > max_entries:
        raise BadArchive("OUTPUT_TOO_LARGE", f"{len(entries)} files and folders, at most {max_entries} are taken")
    _check_places(entries, end=archive.start_dir)
    files: dict[str, zipfile.ZipInfo] = {}
    others: set[str] = set()
    seen: set[str] = set()
    total = 0
    for number, entry in enumerate(entries, start=1):
        name = _plain_name(entry, number=number)
        if name in seen:
            raise BadArchive("PROTOCOL", f"entry {number} is there twice", name=name)
        seen.add(name)
        if entry.is_dir():
            continue
        if entry.flag_bits & _ENCRYPTED:
            raise BadArchive("PROTOCOL", f"entry {number} is encrypted", name=name)
        if entry.compress_type not in _METHODS:
            raise BadArchive("PROTOCOL", f"entry {number} is compressed by another method than deflate", name=name)
        total += entry.file_size
        if total > max_bytes:
            raise BadArchive("OUTPUT_TOO_LARGE", f"more than {max_bytes} bytes unpacked", name=name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind in {0, stat.S_IFREG}:
            files[name] = entry
        else:
            others.add(name)
    return Listing(files=files, others=frozenset(others))


def _check_places(entries: Sequence[zipfile.ZipInfo], *, end: int) -> None:
    """No entry lies outside the bytes before the directory, at `end`, or over another: what is read in all is no more than was
    sent. The module says so of overlaps from 3.11.8 on, and of places outside not at all.
    """
    limit = end
    for number, entry in sorted(enumerate(entries, start=1), key=lambda pair: pair[1].header_offset, reverse=True):
        begins = entry.header_offset + _HEADER + len(entry.orig_filename)
        if entry.header_offset < 0 or begins + entry.compress_size > limit:
            detail = f"entry {number} lies outside the archive or over another entry"
            raise BadArchive("PROTOCOL", detail, name=entry.orig_filename)
        limit = entry.header_offset


def home_of(names: Iterable[str], *, expected: Collection[str]) -> str:
    """What stands in front of every expected path: empty, or folders that wrap the tree, each with its slash.

    2023's archives may have a folder Submission around the tree, 2025's any; 2024's begin at the modality. The first place from
    outside at which a file is one of `expected` decides; where there is none, the first that has a folder as they have.
    """
    wanted, tops = set(expected), {path.partition("/")[0] for path in expected}
    exact, alike = set(), set()
    for name in names:
        for place in _prefixes(name):
            path = name[len(place) :]
            if path in wanted:
                exact.add(place)
            elif path.partition("/")[0] in tops:
                alike.add(place)
    return min(exact or alike, key=lambda place: (place.count("/"), place), default="")


def _prefixes(name: str) -> list[str]:
    folders = name.split("/")[:-1]
    if _MACOS in folders:
        return []
    return ["".join(f"{folder}/" for folder in folders[:depth]) for depth in range(min(len(folders), WRAPPINGS) + 1)]


def _plain_name(entry: zipfile.ZipInfo, *, number: int) -> str:
    """The name without a folder's slash. `orig_filename` is what the archive says, before the module mends it."""
    name = entry.orig_filename.removesuffix("/")
    parts = name.split("/")
    if (
        not 0 < len(name) <= _LONGEST_NAME
        or any(part in {"", ".", ".."} for part in parts)
        or "\\" in name
        or ":" in parts[0]
        or not name.isprintable()
    ):
        detail = f"entry {number} has a name that is no plain path below the archive's root"
        raise BadArchive("PROTOCOL", detail, name=name)
    return name
