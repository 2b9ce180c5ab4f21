"""Lists the members of an uploaded tar without extracting: bounded in number and memory, whatever the headers say.

The standard library's tarfile reads extended headers of any size into memory, so headers are read here by hand.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

BLOCK = 512
#: `docker save` writes 4 a layer and an engine stops at 127 layers
MOST_MEMBERS = 2000
_MOST_EXTENSION = 2**20


class TarProblem(ValueError):
    """The archive is not a plain tar. The message is ours and holds no text of the archive."""


class MemberKind(StrEnum):
    """What an image archive may hold."""

    FILE = "file"
    FOLDER = "folder"
    #: older engines write a layer that occurs twice as a link to the first
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One entry: where its bytes begin in the archive, and how many there are. `target`: of a link, below the root."""

    kind: MemberKind
    offset: int
    size: int
    target: str = ""


def index_tar(file: BinaryIO, *, size: int) -> dict[str, Member]:
    """Every file, folder and link by its normalised path.

    size: of the whole archive in bytes. Raises TarProblem for anything else than plain relative members, for two
    members of one name, for too many, and for an archive that ends early.
    """
    members: dict[str, Member] = {}
    for entry in _entries(file, size=size):
        path, member = entry.named()
        earlier = members.get(path)
        if earlier is not None and not earlier.kind is member.kind is MemberKind.FOLDER:
            raise TarProblem("two members of the archive have the same name")
        if len(members) >= MOST_MEMBERS:
            raise TarProblem(f"the archive has more than {MOST_MEMBERS} members")
        members[path] = member
    if not members:
        raise TarProblem("the archive is empty")
    return members


def follow(members: dict[str, Member], path: str) -> Member:
    """The file at `path`, through at most one link. Raises TarProblem."""
    member = members.get(path)
    if member is not None and member.kind is MemberKind.LINK:
        member = members.get(member.target)
    if member is None or member.kind is not MemberKind.FILE:
        raise TarProblem("a file that the manifest names is not in the archive")
    return member


def find(members: dict[str, Member], path: str) -> Member | None:
    """As `follow`; None where nothing lies at `path`, or where its link leads to nothing."""
    member = members.get(path)
    end = member.target if member is not None and member.kind is MemberKind.LINK else path
    return follow(members, path) if end in members else None


@dataclass(kw_only=True)
class _Entry:
    """One header, as extended headers before it complete it."""

    name: bytes
    target: bytes
    kind: bytes
    offset: int
    size: int

    def named(self) -> tuple[str, Member]:
        """Its normalised path and what it is. Raises TarProblem."""
        if self.kind == b"5":
            return _folder_path(self.name), Member(kind=MemberKind.FOLDER, offset=self.offset, size=0)
        path = _file_path(self.name)
        if self.kind in _FILES:
            return path, Member(kind=MemberKind.FILE, offset=self.offset, size=self.size)
        if self.kind in _LINKS:
            # a symbolic link starts at its own folder, a hard link at the root
            start = posixpath.dirname(path) if self.kind == b"2" else ""
            target = _link_target(self.target, start=start)
            return path, Member(kind=MemberKind.LINK, offset=self.offset, size=0, target=target)
        raise TarProblem("the archive holds something other than files, folders and links")


_FILES = (b"\0", b"0", b"7")
_LINKS = (b"1", b"2")
_EXTENSIONS = (b"x", b"g", b"L", b"K")


def _entries(file: BinaryIO, *, size: int) -> Iterator[_Entry]:
    position = 0
    extended: dict[bytes, bytes] = {}
    for _ in range(4 * MOST_MEMBERS):
        header = _read(file, at=position, length=BLOCK, size=size)
        if header == bytes(BLOCK):
            return
        _check_sum(header)
        kind, length = header[156:157], _number(header[124:136])
        position += BLOCK
        if kind in _EXTENSIONS:
            if length > _MOST_EXTENSION:
                raise TarProblem("an extended header of the archive is too long")
            extended |= _extension(kind, _read(file, at=position, length=length, size=size))
        else:
            length = _decimal(extended[b"size"]) if b"size" in extended else length
            length = length if kind in _FILES else 0
            if position + length > size:
                raise TarProblem("the archive ends early")
            yield _Entry(
                name=extended.get(b"path", _name(header)),
                target=extended.get(b"linkpath", header[157:257].split(b"\0", 1)[0]),
                kind=kind,
                offset=position,
                size=length,
            )
            extended = {}
        position += _padded(length)
    raise TarProblem("the archive has too many headers")


def _read(file: BinaryIO, *, at: int, length: int, size: int) -> bytes:
    if at + length > size:
        raise TarProblem("the archive ends early")
    file.seek(at)
    return file.read(length)


def _extension(kind: bytes, content: bytes) -> dict[bytes, bytes]:
    """What an extended header says of the next member, under pax names. Global headers (`g`) say nothing we use."""
    if kind == b"L":
        return {b"path": content.rstrip(b"\0")}
    if kind == b"K":
        return {b"linkpath": content.rstrip(b"\0")}
    return _pax(content) if kind == b"x" else {}


def _check_sum(header: bytes) -> None:
    stated = _number(header[148:156])
    if stated != sum(header[:148]) + 8 * ord(" ") + sum(header[156:]):
        raise TarProblem("this is not a tar archive, or it is damaged")


def _number(field: bytes) -> int:
    if field[0] == 0x80:  # GNU's binary form, for 8 GiB and more
        return int.from_bytes(field[1:])
    digits = field.split(b"\0", 1)[0].strip()
    if not digits:
        return 0
    if not all(digit in b"01234567" for digit in digits):
        raise TarProblem("this is not a tar archive, or it is damaged")
    return int(digits, 8)


def _decimal(field: bytes) -> int:
    if not field.isdigit() or len(field) > 18:
        raise TarProblem("an extended header of the archive is damaged")
    return int(field)


def _pax(content: bytes) -> dict[bytes, bytes]:
    """Records `length key=value` and a newline."""
    fields: dict[bytes, bytes] = {}
    at = 0
    while at < len(content):
        digits, _, _ = content[at : at + 9].partition(b" ")
        if not digits.isdigit() or len(digits) > 7 or not len(digits) + 1 < int(digits) <= len(content) - at:
            raise TarProblem("an extended header of the archive is damaged")
        record = content[at : at + int(digits)]
        at += int(digits)
        key, separator, value = record[len(digits) + 1 : -1].partition(b"=")
        if not separator or record[-1:] != b"\n":
            raise TarProblem("an extended header of the archive is damaged")
        fields[key] = value
    return fields


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0", 1)[0], header[345:500].split(b"\0", 1)[0]
    # only the POSIX form has a prefix; GNU's keeps times there
    return prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name


def _file_path(name: bytes) -> str:
    path = _text(name)
    while path.startswith("./"):
        path = path[2:]
    if path.startswith("/") or any(part in {"", ".", ".."} for part in path.split("/")):
        raise TarProblem("a member of the archive lies outside it")
    return path


def _folder_path(name: bytes) -> str:
    bare = name.rstrip(b"/")
    return "." if bare in {b".", b""} and not name.startswith(b"/") else _file_path(bare)


def _link_target(target: bytes, *, start: str) -> str:
    text = _text(target)
    path = posixpath.normpath(posixpath.join(start, text))
    if text.startswith("/") or path == ".." or path.startswith("../"):
        raise TarProblem("a link of the archive leads outside it")
    return path


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or "\\" in text or not text.isprintable():
        raise TarProblem("a name in the archive holds characters that are not allowed")
    return text


def _padded(length: int) -> int:
    return -(-length // BLOCK) * BLOCK
