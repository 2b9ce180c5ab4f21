"""numpy's .npz files: one member of a ZIP archive, found by its exact name in the directory, inflated no further than declared.

Layout after PKWARE's APPNOTE 6.3.10: members, their directory, a record of the directory's place at the very end. Names
are compared and never used as paths. Archives beyond 4 GiB (ZIP64), encrypted or split ones are refused.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import missing_variable
from evaluators.readers.errors import ReadFailure
from evaluators.readers.npy import npy_array
from evaluators.readers.source import DEFLATE, Inflating, Source, Stored, damaged, take

#: of an archive with members, and of an empty one
NPZ_MAGICS = (b"PK\3\4", b"PK\5\6")
_LOCAL = struct.Struct("<4s5HIIIHH")
_ENTRY = struct.Struct("<4s6H3I5HII")
_END = struct.Struct("<4s4HIIH")
_LONGEST_COMMENT = 65_535
_MOST_MEMBERS = 1_000
_LARGEST_DIRECTORY = 2**20
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_ENDING = b".npy"


@dataclass(frozen=True)
class Member:
    """One file of the archive as the directory tells it."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    #: bytes inflated, as declared
    size: int
    offset: int


def read_npz(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.generic]:
    """The array called `spec.variable`. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or BAD_VALUE."""
    wanted = spec.variable.encode() + _ENDING
    found = [member for member in npz_members(file, size=size) if member.name == wanted]
    if not found:
        raise missing_variable(spec)
    if len(found) > 1:
        raise damaged("two members of one name")
    return npy_array(open_member(file, size=size, member=found[0]), spec=spec)


def npz_variables(file: BinaryIO, *, size: int) -> dict[str, Member]:
    """Name -> member of everything that may be an array; names that are no plain words are left out. Raises ReadFailure."""
    members = npz_members(file, size=size)
    plain = [member for member in members if member.name.endswith(_ENDING) and member.name.isascii()]
    named = {member.name.removesuffix(_ENDING).decode(): member for member in plain}
    if len(named) != len(plain):
        raise damaged("two members of one name")
    return named


def npz_members(file: BinaryIO, *, size: int) -> list[Member]:
    """The archive's directory. Raises ReadFailure BAD_FORMAT."""
    start, end, count = _directory(file, size=size)
    content = take(Stored(file, start=start, end=end), end - start)
    members: list[Member] = []
    position = 0
    for _ in range(count):
        if len(content) - position < _ENTRY.size:
            raise damaged("an archive whose directory ends early")
        entry = _ENTRY.unpack_from(content, position)
        mark, flags, method, crc, packed, full, name, extra, note, disk = entry[0], *entry[3:5], *entry[7:14]
        position += _ENTRY.size
        if mark != b"PK\1\2" or disk or len(content) - position < name + extra + note:
            raise damaged("an archive with a damaged directory")
        members.append(Member(content[position : position + name], flags, method, crc, packed, full, offset=entry[-1]))
        position += name + extra + note
    return members


def _directory(file: BinaryIO, *, size: int) -> tuple[int, int, int]:
    """(start, end, entries) of the directory."""
    tail = min(size, _END.size + _LONGEST_COMMENT)
    content = take(Stored(file, start=size - tail, end=size), tail)
    where = content.rfind(b"PK\5\6")
    if where < 0 or len(content) - where < _END.size:
        raise damaged("an archive without a directory")
    _, disk, first_disk, here, count, length, start, _ = _END.unpack_from(content, where)
    if disk or first_disk or here != count:
        raise damaged("an archive in several parts")
    if count > _MOST_MEMBERS or length > _LARGEST_DIRECTORY:
        raise ReadFailure(CaseFailure.BAD_FORMAT, f"more than {_MOST_MEMBERS} arrays in the file")
    if start + length > size - tail + where:
        raise damaged("an archive whose directory lies outside it")
    return start, start + length, count


def open_member(file: BinaryIO, *, size: int, member: Member) -> Source:
    """Its bytes, inflated as they are asked for. Raises ReadFailure BAD_FORMAT."""
    if member.flags & _ENCRYPTED:
        raise damaged("an encrypted archive")
    if member.offset + _LOCAL.size > size:
        raise damaged("an archive with a member outside it")
    head = take(Stored(file, start=member.offset, end=size), _LOCAL.size)
    mark, _, flags, method, _, _, _, _, _, name, extra = _LOCAL.unpack(head)
    start = member.offset + _LOCAL.size + name + extra
    if mark != NPZ_MAGICS[0] or method != member.method or flags & _ENCRYPTED or start + member.packed > size:
        raise damaged("an archive with a member outside it")
    if take(Stored(file, start=member.offset + _LOCAL.size, end=size), name) != member.name:
        raise damaged("an archive whose directory and members differ")
    if member.method == _STORED:
        return _Checked(Stored(file, start=start, end=start + member.packed), member=member)
    if member.method == _DEFLATED:
        return _Checked(Inflating(file, start=start, end=start + member.packed, form=DEFLATE), member=member)
    raise damaged("an archive packed by another method than deflate")


class _Checked:
    """A member's bytes, held against the size and the checksum of the directory."""

    def __init__(self, source: Source, *, member: Member) -> None:
        self._source = source
        self._member = member
        self._crc = 0
        self._taken = 0

    def fill(self, into: memoryview) -> None:
        """All of `into` from the next bytes. Raises ReadFailure BAD_FORMAT where there are fewer."""
        self._source.fill(into)
        self._crc = zlib.crc32(into, self._crc)
        self._taken += len(into)

    def check_end(self) -> None:
        """Nothing follows, and size and checksum are those declared. Raises ReadFailure BAD_FORMAT."""
        self._source.check_end()
        if (self._crc, self._taken) != (self._member.crc, self._member.size):
            raise damaged("an archive whose checksums do not hold")
