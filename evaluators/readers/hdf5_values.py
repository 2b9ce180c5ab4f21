"""The values of one HDF5 array, fast and bounded: contiguous ones by memory map, chunks unpacked once, straight into place.

The Description (type, axes, layout, filters, where chunks lie) comes from the process that parses. What it may not say is
refused here: values outside this file, filters other than gzip, shuffle and fletcher32, chunks that swell. Beside the array
there is never more in memory than one chunk a thread, packed and unpacked, and a chunk is not larger than the array (or
4 MiB).

A map shows the file as it is now: whoever loads it must own it. The worker copies what a container wrote before the scorer
opens it, so nothing can change or shorten it under the map; offset and length are checked against the open descriptor's
size before anything is mapped. The map is private: writing into the array never reaches the file.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import prod
from threading import Lock
from typing import Any, get_args

import deflate
import numpy as np
from numpy.typing import NDArray

from evaluators.readers.hdf5_description import MOST_CHUNKS, Description, Numbers

_DEFLATE, _SHUFFLE, _FLETCHER32 = 1, 2, 3
_CHECKSUM = 4
#: a chunk may be larger than the array (growable arrays), but not by much
_SMALL_CHUNK = 4 * 2**20
#: all chunks together, in arrays: inflating them is time that we spend
_MOST_PADDING = 4
#: 16-bit words of a checksum that are added up at once
_FLETCHER_BLOCK = 65_536
_FLETCHER_BASE = 65_535


#: (place, mask, offset, size), as in a Description
_Stored = tuple[tuple[int, ...], int, int, int]


class BadStorage(Exception):
    """The values cannot be taken. The message goes on behind the variable's name and repeats nothing of the file."""


def load(found: Description, *, descriptor: int, threads: int = 1) -> NDArray[Any]:
    """All values in the file's order of axes, native byte order; what was never written has the fill value.

    found: an array of numbers whose size the caller wants. descriptor: the open file that it describes. threads: chunks that
    are unpacked at once. Raises BadStorage.
    """
    if found.type not in get_args(Numbers) or found.shape is None:
        raise BadStorage("is not of a type that is read")
    if found.layout == "virtual":
        raise BadStorage("is a virtual array; the values themselves must be in the file")
    if found.external:
        raise BadStorage("keeps its values in another file")
    array = _Array(
        found=found, descriptor=descriptor, dtype=np.dtype(found.type), shape=found.shape, filters=_filters(found)
    )
    if found.layout == "chunked":
        values = _Chunks(array).load(threads)
    elif found.layout == "contiguous":
        values = array.mapped()
    else:
        values = array.compact()
    return values.astype(array.dtype.newbyteorder("="), copy=False)


def _filters(found: Description) -> tuple[int, ...]:
    numbers = tuple(number for number, _ in found.filters)
    if not set(numbers) <= {_DEFLATE, _SHUFFLE, _FLETCHER32} or len(set(numbers)) != len(numbers):
        raise BadStorage("is packed by a filter other than gzip, shuffle and fletcher32")
    if any(number == _SHUFFLE and values != (np.dtype(found.type).itemsize,) for number, values in found.filters):
        raise BadStorage("is shuffled by another width than that of its values")
    return numbers


@dataclass(frozen=True, kw_only=True)
class _Array:
    found: Description
    descriptor: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    filters: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape) * self.dtype.itemsize

    def unwritten(self) -> NDArray[Any]:
        """An array of the fill value."""
        value = _from_hex(self.found.fill)
        if not value:
            return np.zeros(self.shape, dtype=self.dtype)
        if len(value) != self.dtype.itemsize:
            raise BadStorage("has a fill value of another type")
        return np.full(self.shape, np.frombuffer(value, dtype=self.dtype)[0], dtype=self.dtype)

    def compact(self) -> NDArray[Any]:
        values = bytearray(_from_hex(self.found.compact))
        if len(values) != self.size:
            raise BadStorage("holds another number of values than its axes say")
        return np.frombuffer(values, dtype=self.dtype).reshape(self.shape)

    def mapped(self) -> NDArray[Any]:
        offset = self.found.offset
        if offset is None or self.size == 0:
            return self.unwritten()
        # beyond the end a map would not raise but kill the process
        if offset < 0 or offset + self.size > os.fstat(self.descriptor).st_size:
            raise BadStorage("lies behind the end of the file")
        before = offset % mmap.ALLOCATIONGRANULARITY
        pages = mmap.mmap(
            self.descriptor,
            before + self.size,
            flags=mmap.MAP_PRIVATE,
            prot=mmap.PROT_READ | mmap.PROT_WRITE,
            offset=offset - before,
        )
        values = np.frombuffer(pages, dtype=self.dtype, count=prod(self.shape), offset=before).reshape(self.shape)
        return values if values.flags.aligned else values.copy()


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadStorage("is described by nonsense") from None


class _Chunks:
    def __init__(self, array: _Array) -> None:
        self._array = array
        self._chunk = array.found.chunk
        if len(self._chunk) != len(array.shape) or min(self._chunk, default=0) < 1:
            raise BadStorage("is cut into chunks of other axes than its own")
        self._full = prod(self._chunk) * array.dtype.itemsize

    def load(self, threads: int) -> NDArray[Any]:
        """Every chunk unpacked into its place, `threads` at once."""
        array = self._array
        self._check()
        chunks = array.found.chunks
        if self._chunk == array.shape and chunks:
            values = self._values(chunks[0])
            return values if values.flags.writeable else values.copy()
        values = np.empty(array.shape, dtype=array.dtype) if len(chunks) == self._pieces() else array.unwritten()
        waiting = iter(chunks)
        if threads == 1:
            self._fill(values, waiting=waiting, lock=Lock())
        else:
            lock = Lock()
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(self._fill, values, waiting=waiting, lock=lock) for _ in range(threads)]:
                    done.result()
        return values

    def _fill(self, values: NDArray[Any], *, waiting: Iterator[_Stored], lock: Lock) -> None:
        while True:
            with lock:
                stored = next(waiting, None)
            if stored is None:
                return
            piece = self._values(stored)
            region = values[tuple(map(slice, stored[0], map(sum, zip(stored[0], self._chunk, strict=True))))]
            region[...] = piece[tuple(map(slice, region.shape))]

    def _values(self, stored: _Stored) -> NDArray[Any]:
        _, mask, offset, size = stored
        packed = os.pread(self._array.descriptor, size, offset)
        if len(packed) != size:
            raise BadStorage("has a chunk behind the end of the file")
        return np.frombuffer(self._unpacked(packed, mask=mask), dtype=self._array.dtype).reshape(self._chunk)

    def _pieces(self) -> int:
        return prod(-(-size // step) for size, step in zip(self._array.shape, self._chunk, strict=True))

    def _check(self) -> None:
        """Raises BadStorage unless the chunks fill the array, once, and swell to no more than they should."""
        room = max(self._array.size, _SMALL_CHUNK)
        if self._full > room:
            raise BadStorage("is cut into chunks larger than the array")
        pieces = self._pieces()
        if pieces > MOST_CHUNKS:
            raise BadStorage(f"is cut into more than {MOST_CHUNKS} chunks")
        if pieces * self._full > _MOST_PADDING * room:
            raise BadStorage("is cut into chunks that mostly lie outside the array")
        chunks = self._array.found.chunks
        places = {place for place, *_ in chunks}
        if not len(places) == len(chunks) <= pieces or not all(map(self._is_inside, places)):
            raise BadStorage("has chunks in places where there can be none")
        # deflate grows by less than a thousandth
        if any(not 0 <= size <= self._full + self._full // 100 + 1024 for *_, size in chunks):
            raise BadStorage("has a chunk with more bytes than its values")
        if any(offset < 0 for *_, offset, _ in chunks):
            raise BadStorage("has a chunk before the beginning of the file")

    def _is_inside(self, place: tuple[int, ...]) -> bool:
        if len(place) != len(self._chunk):
            return False
        sides = zip(place, self._array.shape, self._chunk, strict=True)
        return all(0 <= start < size and start % step == 0 for start, size, step in sides)

    def _unpacked(self, packed: bytes, *, mask: int) -> bytes | bytearray:
        """What went into the filters. mask: bit n set where filter n was left out for this chunk."""
        data: bytes | bytearray = packed
        used = [number for position, number in enumerate(self._array.filters) if not mask >> position & 1]
        for position, number in reversed(list(enumerate(used))):
            if number == _DEFLATE:
                # a checksum that was added before is inside the stream
                data = _inflated(data, size=self._full + _CHECKSUM * (_FLETCHER32 in used[:position]))
            elif number == _FLETCHER32:
                data = _checked(data)
            else:
                data = _unshuffled(data, width=self._array.dtype.itemsize)
        if len(data) != self._full:
            raise BadStorage("has a chunk of another size than its values")
        return data


def _inflated(packed: bytes | bytearray, *, size: int) -> bytearray:
    try:
        data: bytearray = deflate.zlib_decompress(packed, size)
    except deflate.DeflateError:
        data = bytearray()
    if len(data) != size:
        raise BadStorage("has a chunk that does not inflate to its own size")
    return data


def _unshuffled(data: bytes | bytearray, *, width: int) -> bytearray:
    """First bytes of all values, then all second ones ...: back to value by value. What is left over stays at the end."""
    count = len(data) // width
    values = bytearray(len(data))
    values[count * width :] = data[count * width :]
    planes = np.frombuffer(data, dtype=np.uint8, count=count * width).reshape(width, count)
    np.frombuffer(values, dtype=np.uint8, count=count * width).reshape(count, width)[...] = planes.T
    return values


def _checked(data: bytes | bytearray) -> bytes | bytearray:
    """Without the checksum at the end, which must be right."""
    content, told = data[:-_CHECKSUM], data[-_CHECKSUM:]
    first, second = fletcher32(content)
    # a sum of 65535 is one of 0; old libraries on some machines stored the bytes of each half swapped
    halves = [np.frombuffer(told, dtype=order).astype(np.int64) % _FLETCHER_BASE for order in ("<u2", ">u2")]
    if len(told) < _CHECKSUM or not any(list(half) == [first, second] for half in halves):
        raise BadStorage("has a chunk whose checksum is wrong")
    return content


def fletcher32(data: bytes | bytearray) -> tuple[int, int]:
    """(sum of the words, sum of the running sums) modulo 65535, over big-endian 16-bit words, as HDF5 adds them up."""
    padded = data + bytes(len(data) % 2)
    words = np.frombuffer(padded, dtype=">u2")
    first = second = 0
    for start in range(0, words.size, _FLETCHER_BLOCK):
        block = words[start : start + _FLETCHER_BLOCK].astype(np.uint64)
        weights = np.arange(block.size, 0, -1, dtype=np.uint64)
        second = (second + first * block.size + int(block @ weights)) % _FLETCHER_BASE
        first = (first + int(block.sum())) % _FLETCHER_BASE
    return first, second
