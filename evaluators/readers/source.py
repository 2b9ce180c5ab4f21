"""Bytes of a hostile file as a reader asks for them: so many and no more, and inflated no further than that."""

from __future__ import annotations

import zlib
from math import prod
from typing import Any, BinaryIO, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.failures import CaseFailure
from evaluators.readers.errors import ReadFailure

#: what zlib calls a gzip file, a zlib stream and a bare deflate stream
GZIP: Final = 31
ZLIB: Final = 15
DEFLATE: Final = -15
#: compressed bytes given to zlib at a time (it copies what it does not consume), and bytes inflated at a time
_FEED = 65_536
_PIECE = 2**20
#: a gzip file may be made of several, each of at least 20 bytes: block gzip makes one for every 64 KiB
_MOST_MEMBERS = 100_000


def damaged(what: str) -> ReadFailure:
    """The file contradicts itself or ends early. what: in our own words."""
    return ReadFailure(CaseFailure.BAD_FORMAT, f"damaged file: {what}")


class Source(Protocol):
    """Bytes, front to back."""

    def fill(self, into: memoryview) -> None:
        """All of `into` from the next bytes. Raises ReadFailure BAD_FORMAT where there are fewer."""

    def check_end(self) -> None:
        """Nothing follows, and checksums hold. Raises ReadFailure BAD_FORMAT."""


class Stored:
    """Bytes start to end of a file, as they lie there."""

    def __init__(self, file: BinaryIO, *, start: int, end: int) -> None:
        file.seek(start)
        self._file = file
        self._left = end - start

    def fill(self, into: memoryview) -> None:
        """All of `into` from the next bytes. Raises ReadFailure BAD_FORMAT where there are fewer."""
        if len(into) > self._left:
            raise damaged("it ends before its data")
        self._left -= len(into)
        done = 0
        while done < len(into):
            # a raw file may give less than was asked, and gives nothing where it shrank meanwhile
            got = self._file.readinto(into[done:])  # type: ignore[attr-defined]
            if not got:
                raise damaged("it ends before its data")
            done += got

    def check_end(self) -> None:
        """Nothing follows. Raises ReadFailure BAD_FORMAT."""
        if self._left:
            raise damaged("more bytes than its header declares")


class Inflating:
    """The same bytes through zlib; what was not asked for is not inflated."""

    def __init__(self, file: BinaryIO, *, start: int, end: int, form: Literal[31, 15, -15]) -> None:
        file.seek(start)
        self._file = file
        self._left = end - start
        self._form = form
        self._stream = zlib.decompressobj(form)
        self._fed = b""
        self._members = 1

    def fill(self, into: memoryview) -> None:
        """All of `into` from the next bytes. Raises ReadFailure BAD_FORMAT where there are fewer."""
        done = 0
        while done < len(into):
            piece = self._next(min(len(into) - done, _PIECE))
            if not piece:
                raise damaged("it ends before its data")
            into[done : done + len(piece)] = piece
            done += len(piece)

    def check_end(self) -> None:
        """Nothing follows, and checksums hold. Raises ReadFailure BAD_FORMAT."""
        if self._next(1):
            raise damaged("more bytes than its header declares")

    def _next(self, most: int) -> bytes:
        """1 to `most` bytes, none at the end."""
        while True:
            if self._stream.eof and not self._next_member():
                return b""
            if not self._fed:
                self._fed = self._file.read(min(_FEED, self._left))
                self._left -= len(self._fed)
            exhausted = not self._fed
            try:
                piece = self._stream.decompress(self._fed, most)
            except zlib.error:
                raise damaged("compressed data that does not inflate") from None
            self._fed = self._stream.unconsumed_tail
            if piece:
                return piece
            if exhausted and not self._stream.eof:
                raise damaged("it ends before its data")

    def _next_member(self) -> bool:
        rest = self._stream.unused_data
        if not rest and not self._left:
            return False
        if self._form != GZIP or self._members == _MOST_MEMBERS:
            raise damaged("more bytes than its header declares")
        self._members += 1
        self._fed = rest
        self._stream = zlib.decompressobj(self._form)
        return True


def take(source: Source, count: int) -> bytes:
    """The next `count` bytes, all of them; for headers. Raises ReadFailure BAD_FORMAT."""
    taken = bytearray(count)
    source.fill(memoryview(taken))
    return bytes(taken)


def skip(source: Source, count: int) -> None:
    """Passes over `count` bytes. Raises ReadFailure BAD_FORMAT."""
    while count:
        count -= len(take(source, min(count, _PIECE)))


def take_array(
    source: Source, *, dtype: str, shape: tuple[int, ...], order: Literal["C", "F"] = "F"
) -> NDArray[np.generic]:
    """The values, in the machine's byte order, and nothing behind them. Raises ReadFailure BAD_FORMAT.

    dtype: numpy's, with byte order. The whole array is asked of memory at once: check the shape first.
    """
    stored = np.dtype(dtype)
    flat: NDArray[Any] = np.empty(prod(shape), dtype=stored)
    raw = flat.view(np.uint8)
    source.fill(raw.data)
    source.check_end()
    if stored.kind == "b" and raw.size and raw.max() > 1:
        raise damaged("truth values other than 0 and 1")
    if not stored.isnative:
        flat = flat.byteswap(inplace=True).view(stored.newbyteorder("="))
    return flat.reshape(shape, order=order)
