"""The values of one HDF5 array, fast and bounded: contiguous ones by memory map, chunks unpacked once, straight into place.

HDF5 itself is asked for the description alone (type, axes, layout, filters, where a chunk lies). What a description may not
say is refused here: values outside this file, filters other than gzip, shuffle and fletcher32, chunks that swell. Beside the
array there is never more in memory than one chunk a thread, packed and unpacked, and a chunk is not larger than the array
(or 4 MiB).

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
from typing import Any

import deflate
import h5py
import numpy as np
from h5py import h5d, h5s, h5t, h5z
from numpy.typing import NDArray

_FLOATS = {"f4": (h5t.IEEE_F32LE, h5t.IEEE_F32BE), "f8": (h5t.IEEE_F64LE, h5t.IEEE_F64BE)}
#: MATLAB's names of the parts of a complex number, and h5py's
_PARTS = ((b"real", b"imag"), (b"r", b"i"))
_FILTERS = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32})
_CHECKSUM = 4
_MOST_CHUNKS = 65_536
#: a chunk may be larger than the array (growable arrays), but not by much
_SMALL_CHUNK = 4 * 2**20
#: all chunks together, in arrays: inflating them is time that we spend
_MOST_PADDING = 4
#: 16-bit words of a checksum that are added up at once
_FLETCHER_BLOCK = 65_536
_FLETCHER_BASE = 65_535


class BadStorage(Exception):
    """The values cannot be taken. The message goes on behind the variable's name and repeats nothing of the file."""


def stored_dtype(node: h5d.DatasetID) -> np.dtype[Any] | None:
    """The dtype of float32 or float64, or of complex numbers made of two of them, in the file's byte order; else None."""
    stored = node.get_type()
    if (real := _float(stored)) is not None:
        return real
    if stored.get_class() != h5t.COMPOUND or stored.get_nmembers() != 2:
        return None
    names = tuple(stored.get_member_name(number) for number in range(2))
    real, imaginary = (_float(stored.get_member_type(number)) for number in range(2))
    if names not in _PARTS or real is None or real != imaginary:
        return None
    width = real.itemsize
    packed = stored.get_size() == 2 * width and [stored.get_member_offset(number) for number in range(2)] == [0, width]
    return np.dtype(f"{'<' if real == real.newbyteorder('<') else '>'}c{2 * width}") if packed else None


def _float(stored: h5t.TypeID) -> np.dtype[Any] | None:
    for width, (little, big) in _FLOATS.items():
        if stored.equal(little):
            return np.dtype(f"<{width}")
        if stored.equal(big):
            return np.dtype(f">{width}")
    return None


def load(node: h5d.DatasetID, *, descriptor: int, threads: int = 1) -> NDArray[Any]:
    """All values in the file's order of axes, native byte order; what was never written has the fill value.

    node: a simple array whose `stored_dtype` is known and whose size the caller wants. descriptor: the open file that it lies
    in. threads: chunks that are unpacked at once. Raises BadStorage, and what h5py raises for a damaged description.
    """
    dtype = stored_dtype(node)
    if dtype is None:
        raise BadStorage("is not of a type that is read")
    plan = node.get_create_plist()
    layout = plan.get_layout()
    if layout not in {h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED}:
        raise BadStorage("is a virtual array; the values themselves must be in the file")
    if plan.get_external_count():
        raise BadStorage("keeps its values in another file")
    filters = _filters(plan, width=dtype.itemsize)
    shape = tuple(node.get_space().get_simple_extent_dims())
    if layout == h5d.COMPACT:
        values = _whole(node, shape=shape, dtype=dtype)
    elif layout == h5d.CONTIGUOUS:
        values = _mapped(node, shape=shape, dtype=dtype, descriptor=descriptor)
    else:
        values = _Chunks(node=node, shape=shape, dtype=dtype, chunk=plan.get_chunk(), filters=filters).load(threads)
    return values.astype(dtype.newbyteorder("="), copy=False)


def _filters(plan: h5py.h5p.PropDCID, *, width: int) -> tuple[int, ...]:
    found = [plan.get_filter(position) for position in range(plan.get_nfilters())]
    numbers = tuple(number for number, *_ in found)
    if not set(numbers) <= _FILTERS or len(set(numbers)) != len(numbers):
        raise BadStorage("is packed by a filter other than gzip, shuffle and fletcher32")
    if any(number == h5z.FILTER_SHUFFLE and tuple(values) != (width,) for number, _, values, _ in found):
        raise BadStorage("is shuffled by another width than that of its values")
    return numbers


def _whole(node: h5d.DatasetID, *, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Through HDF5: for the 64 KiB that a description itself may hold."""
    values = np.zeros(shape, dtype=dtype)
    node.read(h5s.ALL, h5s.ALL, values, mtype=node.get_type())
    return values


def _unwritten(node: h5d.DatasetID, *, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """An array of the fill value."""
    plan = node.get_create_plist()
    if plan.fill_value_defined() != h5d.FILL_VALUE_USER_DEFINED:
        return np.zeros(shape, dtype=dtype)
    # h5py's own word for the type: it would not convert a compound of {real, imag} to a complex number
    value = np.zeros(1, dtype=node.dtype)
    plan.get_fill_value(value)
    return np.full(shape, value.view(dtype)[0], dtype=dtype)


def _mapped(node: h5d.DatasetID, *, shape: tuple[int, ...], dtype: np.dtype[Any], descriptor: int) -> NDArray[Any]:
    offset, size = node.get_offset(), prod(shape) * dtype.itemsize
    if offset is None or size == 0:
        return _unwritten(node, shape=shape, dtype=dtype)
    # beyond the end a map would not raise but kill the process
    if offset + size > os.fstat(descriptor).st_size:
        raise BadStorage("lies behind the end of the file")
    before = offset % mmap.ALLOCATIONGRANULARITY
    pages = mmap.mmap(
        descriptor, before + size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE, offset=offset - before
    )
    values = np.frombuffer(pages, dtype=dtype, count=prod(shape), offset=before).reshape(shape)
    return values if values.flags.aligned else values.copy()


@dataclass(frozen=True, kw_only=True)
class _Chunks:
    node: h5d.DatasetID
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunk: tuple[int, ...]
    filters: tuple[int, ...]

    @property
    def _full(self) -> int:
        return prod(self.chunk) * self.dtype.itemsize

    def load(self, threads: int) -> NDArray[Any]:
        """Every chunk unpacked into its place, `threads` at once."""
        places = self._places()
        if self.chunk == self.shape and places:
            mask, packed = self.node.read_direct_chunk(places[0])
            return np.frombuffer(bytearray(self._unpacked(packed, mask=mask)), dtype=self.dtype).reshape(self.shape)
        if len(places) == self._pieces():
            values = np.empty(self.shape, dtype=self.dtype)
        else:
            values = _unwritten(self.node, shape=self.shape, dtype=self.dtype)
        waiting, lock = iter(places), Lock()
        if threads == 1:
            self._fill(values, waiting=waiting, lock=lock)
        else:
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(self._fill, values, waiting=waiting, lock=lock) for _ in range(threads)]:
                    done.result()
        return values

    def _fill(self, values: NDArray[Any], *, waiting: Iterator[tuple[int, ...]], lock: Lock) -> None:
        while True:
            with lock:
                place = next(waiting, None)
                if place is None:
                    return
                mask, packed = self.node.read_direct_chunk(place)
            piece = np.frombuffer(self._unpacked(packed, mask=mask), dtype=self.dtype).reshape(self.chunk)
            inside = tuple(map(slice, place, map(sum, zip(place, self.chunk, strict=True))))
            region = values[inside]
            region[...] = piece[tuple(map(slice, region.shape))]

    def _pieces(self) -> int:
        return prod(-(-size // step) for size, step in zip(self.shape, self.chunk, strict=True))

    def _places(self) -> list[tuple[int, ...]]:
        """Where the chunks begin that are in the file, once they are known to swell to no more than they should."""
        room = max(prod(self.shape) * self.dtype.itemsize, _SMALL_CHUNK)
        if self._full > room:
            raise BadStorage("is cut into chunks larger than the array")
        pieces = self._pieces()
        if pieces > _MOST_CHUNKS:
            raise BadStorage(f"is cut into more than {_MOST_CHUNKS} chunks")
        if pieces * self._full > _MOST_PADDING * room:
            raise BadStorage("is cut into chunks that mostly lie outside the array")
        found: list[h5d.StoreInfo] = []

        def note(chunk: h5d.StoreInfo) -> bool | None:
            found.append(chunk)
            # anything but None stops HDF5
            return True if len(found) > pieces else None

        self.node.chunk_iter(note)
        places = [chunk.chunk_offset for chunk in found]
        if len(set(places)) != len(places) or len(places) > pieces or not all(map(self._is_inside, places)):
            raise BadStorage("has chunks in places where there can be none")
        # HDF5 would inflate a chunk to whatever comes out of it; deflate grows by less than a thousandth
        if any(chunk.size > self._full + self._full // 100 + 1024 for chunk in found):
            raise BadStorage("has a chunk with more bytes than its values")
        return places

    def _is_inside(self, place: tuple[int, ...]) -> bool:
        sides = zip(place, self.shape, self.chunk, strict=True)
        return all(0 <= start < size and start % step == 0 for start, size, step in sides)

    def _unpacked(self, packed: bytes, *, mask: int) -> bytes | bytearray:
        """What went into the filters. mask: bit n set where filter n was left out for this chunk."""
        data: bytes | bytearray = packed
        used = [number for position, number in enumerate(self.filters) if not mask >> position & 1]
        for position, number in reversed(list(enumerate(used))):
            if number == h5z.FILTER_DEFLATE:
                # a checksum that was added before is inside the stream
                data = _inflated(data, size=self._full + _CHECKSUM * (h5z.FILTER_FLETCHER32 in used[:position]))
            elif number == h5z.FILTER_FLETCHER32:
                data = _checked(data)
            else:
                data = _unshuffled(data, width=self.dtype.itemsize)
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
