"""MATLAB v7 files (MAT 5): one real numeric array, read by its own small parser that inflates no byte more than was declared.

Layout after "MAT-File Format", MathWorks, 2023: a 128-byte header, then elements of (type, byte count, data) padded to eight
bytes; a variable is an element miMATRIX, or miCOMPRESSED around one. Cells, structs, objects and text are never parsed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import axes_reversed, check_dtype, missing_variable
from evaluators.readers.errors import ReadFailure

_HEADER = 128
_VERSION = 0x0100
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
#: storage type -> numpy kind and width; MATLAB stores doubles that are whole numbers in fewer bytes
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
#: array class -> numpy kind and width, or what to call it
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_OTHER_CLASSES = {1: "a cell", 2: "a struct", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function handle"}
#: no axes and no name where other classes have them
_OPAQUE = 17
_COMPLEX_FLAG = 0x0800
_MOST_VARIABLES = 1_000
_MOST_AXES = 32
#: MATLAB's namelengthmax is 63
_LONGEST_NAME = 256
#: compressed bytes given to zlib at a time: it copies what it does not consume
_FEED = 65_536


def looks_like_mat5(head: bytes) -> bool:
    """Whether the first 128 bytes are a MAT 5 header: the byte order mark and the version."""
    return len(head) == _HEADER and head[126:128] in {b"IM", b"MI"} and _version(head) == _VERSION


def _version(head: bytes) -> int:
    return int.from_bytes(head[124:126], "little" if head[126:128] == b"IM" else "big")


def read_mat5(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    """The array in MATLAB's axis order; trailing axes of size 1 may be missing.

    file: open, `size` bytes long. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or BAD_VALUE.
    """
    for element in _elements(file, size=size):
        if element.name() == spec.variable.encode():
            return element.array(spec=spec)
    raise missing_variable(spec)


def mat5_variables(file: BinaryIO, *, size: int) -> dict[str, tuple[tuple[int, ...], str]]:
    """Name -> (shape, dtype or what else it is) of every numeric array. Raises ReadFailure BAD_FORMAT."""
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for element in _elements(file, size=size):
        name = element.name()
        if name is not None and element.is_numeric:
            found[name.decode("latin-1")] = element.shape, element.kind
    return found


def _elements(file: BinaryIO, *, size: int) -> Iterator[_Element]:
    """Every variable, each before its first byte is looked at."""
    file.seek(0)
    order = "<" if file.read(_HEADER)[126:128] == b"IM" else ">"
    for _ in range(_MOST_VARIABLES):
        if size - file.tell() < 8:
            return
        kind, length = struct.unpack(order + "II", file.read(8))
        if length > size - file.tell():
            raise _damaged("the file ends before its data")
        content = file.read(length)
        if kind == _MATRIX:
            element = _Element(_Plain(content), order=order)
        elif kind == _COMPRESSED:
            element = _Element(_Inflating(content), order=order)
            if element.tag()[0] != _MATRIX:
                raise _damaged("a compressed element that is not a variable")
        else:
            raise _damaged("an element that is not a variable")
        yield element
    raise ReadFailure(CaseFailure.BAD_FORMAT, f"more than {_MOST_VARIABLES} variables in the file")


def _damaged(what: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_FORMAT, f"damaged MAT 5 file: {what}")


@dataclass
class _Plain:
    content: bytes
    position: int = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes, all of them."""
        part = self.content[self.position : self.position + count]
        if len(part) != count:
            raise _damaged("a variable ends before its data")
        self.position += count
        return part


class _Inflating:
    def __init__(self, content: bytes) -> None:
        self._stream = zlib.decompressobj()
        self._content = content
        self._position = 0
        self._fed = b""

    def take(self, count: int) -> bytes:
        """The next `count` bytes, all of them; nothing behind them is inflated."""
        taken = bytearray()
        while len(taken) < count:
            if not self._fed:
                self._fed = self._content[self._position : self._position + _FEED]
                self._position += len(self._fed)
            exhausted = not self._fed
            try:
                part = self._stream.decompress(self._fed, count - len(taken))
            except zlib.error:
                raise _damaged("a compressed variable that does not inflate") from None
            self._fed = self._stream.unconsumed_tail
            if not part and (exhausted or self._stream.eof):
                raise _damaged("a variable ends before its data")
            taken += part
        return bytes(taken)


class _Element:
    """One variable, read front to back: flags, axes, name, then the values."""

    def __init__(self, source: _Plain | _Inflating, *, order: str) -> None:
        self._source = source
        self._order = order
        self._class = 0
        self._complex = False
        self.shape: tuple[int, ...] = ()

    def tag(self) -> tuple[int, int]:
        """(type, byte count) of a full tag."""
        kind, length = struct.unpack(self._order + "II", self._source.take(8))
        return int(kind), int(length)

    def _part(self, *, kind: int | None, most: int, padded: bool = True) -> tuple[int, bytes]:
        """(type, data) of the next sub-element; `padded`: what follows begins at a multiple of eight bytes."""
        head = self._source.take(8)
        (word,) = struct.unpack(self._order + "I", head[:4])
        # the small form packs type and count into the first word and up to four bytes of data behind it
        small = word >> 16
        found = word & 0xFFFF if small else word
        length = small or int(struct.unpack(self._order + "I", head[4:])[0])
        if kind is not None and found != kind:
            raise _damaged("a part of a variable has another type than its place asks for")
        if length > most or small > 4:
            raise _damaged("a part of a variable has another length than its place asks for")
        if small:
            return found, head[4 : 4 + small]
        data = self._source.take(length)
        if padded:
            self._source.take(-length % 8)
        return found, data

    def name(self) -> bytes | None:
        """Reads up to the name; None for what has none. Values are not touched."""
        _, flags = self._part(kind=_UINT32, most=8)
        if len(flags) != 8:
            raise _damaged("a variable without flags")
        (word,) = struct.unpack(self._order + "I", flags[:4])
        self._class, self._complex = word & 0xFF, bool(word & _COMPLEX_FLAG)
        if self._class == _OPAQUE:
            return None
        _, axes = self._part(kind=_INT32, most=4 * _MOST_AXES)
        if len(axes) < 8 or len(axes) % 4:
            raise _damaged("a variable without axes")
        self.shape = struct.unpack(f"{self._order}{len(axes) // 4}i", axes)
        return self._part(kind=_INT8, most=_LONGEST_NAME)[1]

    @property
    def is_numeric(self) -> bool:
        """Whether it is an array of numbers; known once its name is."""
        return self._class in _CLASSES

    @property
    def kind(self) -> str:
        """Of a numeric one: numpy's kind and width, or a word of ours."""
        return "complex values" if self._complex else _CLASSES[self._class]

    def array(self, *, spec: OutputSpec) -> NDArray[np.floating[Any]]:
        """The values, once class and axes are what `spec` asks for."""
        dtype = _CLASSES.get(self._class)
        if dtype is None:
            what = _OTHER_CLASSES.get(self._class, "no array")
            raise ReadFailure(CaseFailure.BAD_VALUE, f"`{spec.variable}` is {what}, expected a numeric array")
        check_dtype(self.kind, spec=spec)
        reverse = axes_reversed(self.shape, spec=spec)
        stored, data = self._part(kind=None, most=8 * prod(self.shape), padded=False)
        if stored not in _STORED or len(data) != prod(self.shape) * np.dtype(_STORED[stored]).itemsize:
            raise _damaged("the number of values is not that of the axes")
        values = np.frombuffer(data, dtype=self._order + _STORED[stored])
        shown = values.astype(dtype, copy=False).reshape(self.shape, order="F")
        return shown.T if reverse else shown
