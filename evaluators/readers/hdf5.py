"""MATLAB v7.3 files, which are HDF5: one plain real array at the root, refused for anything that could reach outside or swell.

The axes are taken as MATLAB shows them, the reverse of what HDF5 stores, whoever wrote the file: (t, slice, y, x) in the
file is (x, y, slice, t) here. MATLAB's 512-byte header and its attributes are not asked for.
"""

from __future__ import annotations

import os
import zlib
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# a filter that HDF5 does not know would be looked up as a plugin: a shared library. Set before HDF5 starts
os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")

import h5py
from h5py import h5d, h5i, h5l, h5o, h5s, h5t, h5z

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import check_dtype, check_shape, missing_variable
from evaluators.readers.errors import ReadFailure

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
#: without a header in front, and behind MATLAB's
HDF5_OFFSETS = (0, 512)

_FLOATS = {
    "f4": (h5t.IEEE_F32LE, h5t.IEEE_F32BE),
    "f8": (h5t.IEEE_F64LE, h5t.IEEE_F64BE),
}
_CLASSES = {
    h5t.INTEGER: "integers",
    h5t.FLOAT: "floats of another width",
    h5t.COMPOUND: "complex or compound values",
    h5t.STRING: "text",
    h5t.REFERENCE: "references",
    h5t.ENUM: "an enumeration",
}
_FILTERS = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32})
_CHECKSUM = 4
_MOST_CHUNKS = 65_536
#: a chunk may be larger than the array (growable arrays), but not by much
_SMALL_CHUNK = 4 * 2**20
#: all chunks together, in arrays: inflating them is time that the scorer spends
_MOST_PADDING = 4


def read_hdf5(file: BinaryIO, *, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    """The array in MATLAB's axis order; trailing axes of size 1 may be missing.

    file: open and readable; HDF5 sees this file alone. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or BAD_VALUE.
    """
    try:
        with h5py.File(file, "r") as opened:
            return _read(opened, spec=spec)
    # what HDF5 says may repeat names that stand in the file: it is not passed on
    except (OSError, RuntimeError, KeyError, ValueError, MemoryError):
        raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged, or not an HDF5 file that can be read") from None


def _read(opened: h5py.File, *, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    name = spec.variable.encode()
    links = opened.id.links
    if not links.exists(name):
        raise missing_variable(spec)
    if links.get_info(name).type != h5l.TYPE_HARD:
        raise _unplain(spec, "is a link; the array itself must be in the file")
    node = h5o.open(opened.id, name)
    if h5i.get_type(node) != h5i.DATASET:
        raise ReadFailure(CaseFailure.BAD_VALUE, f"`{spec.variable}` is a group (a struct), expected an array")
    check_dtype(_dtype(node), spec=spec)
    check_shape(_shape(node, spec=spec)[::-1], spec=spec)
    _check_storage(node, spec=spec)
    values: NDArray[np.floating[Any]] = h5py.Dataset(node)[()]
    return np.asarray(values, dtype=values.dtype.newbyteorder("=")).T


def _unplain(spec: OutputSpec, what: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_FORMAT, f"`{spec.variable}` {what}")


def _dtype(node: h5d.DatasetID) -> str:
    stored = node.get_type()
    for width, accepted in _FLOATS.items():
        if any(stored.equal(form) for form in accepted):
            return width
    return _CLASSES.get(stored.get_class(), "another type")


def _shape(node: h5d.DatasetID, *, spec: OutputSpec) -> tuple[int, ...]:
    space = node.get_space()
    if space.get_simple_extent_type() != h5s.SIMPLE:
        raise ReadFailure(CaseFailure.BAD_SHAPE, f"`{spec.variable}` is not an array")
    return tuple(space.get_simple_extent_dims())


def _check_storage(node: h5d.DatasetID, *, spec: OutputSpec) -> None:
    """Raises ReadFailure unless the values lie in this file, under known filters, and swell to no more than they say."""
    plan = node.get_create_plist()
    layout = plan.get_layout()
    if layout not in {h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED}:
        raise _unplain(spec, "is a virtual array; the values themselves must be in the file")
    if plan.get_external_count():
        raise _unplain(spec, "keeps its values in another file")
    filters = [plan.get_filter(position)[0] for position in range(plan.get_nfilters())]
    if not set(filters) <= _FILTERS or len(set(filters)) != len(filters):
        raise _unplain(spec, "is packed by a filter other than gzip, shuffle and fletcher32")
    if layout == h5d.CHUNKED:
        _check_chunks(node, chunk=plan.get_chunk(), filters=filters, spec=spec)


def _check_chunks(node: h5d.DatasetID, *, chunk: tuple[int, ...], filters: list[int], spec: OutputSpec) -> None:
    shape = _shape(node, spec=spec)
    width = node.get_type().get_size()
    full = prod(chunk) * width
    if full > max(prod(shape) * width, _SMALL_CHUNK):
        raise _unplain(spec, "is cut into chunks larger than the array")
    pieces = prod(-(-size // step) for size, step in zip(shape, chunk, strict=True))
    if pieces > _MOST_CHUNKS:
        raise _unplain(spec, f"is cut into more than {_MOST_CHUNKS} chunks")
    if pieces * full > _MOST_PADDING * max(prod(shape) * width, _SMALL_CHUNK):
        raise _unplain(spec, "is cut into chunks that mostly lie outside the array")
    stored: list[tuple[tuple[int, ...], int]] = []
    node.chunk_iter(lambda found: stored.append((found.chunk_offset, found.size)))
    for offset, size in stored:
        # HDF5 would inflate a chunk to whatever comes out of it; deflate grows by less than a thousandth
        if size > full + full // 100 + 1024:
            raise _unplain(spec, "has a chunk with more bytes than its values")
        mask, packed = node.read_direct_chunk(offset)
        if not _inflates_to(packed, mask=mask, filters=filters, full=full):
            raise _unplain(spec, "has a chunk that does not inflate to its own size")


def _inflates_to(packed: bytes, *, mask: int, filters: list[int], full: int) -> bool:
    """Whether a stored chunk unpacks to exactly `full` bytes. mask: bit n set where filter n was left out."""
    used = [number for position, number in enumerate(filters) if not mask >> position & 1]
    expected = full
    for number in used:
        if number == h5z.FILTER_FLETCHER32:
            expected += _CHECKSUM
        elif number == h5z.FILTER_DEFLATE:
            # whatever was added before is inside the stream, what comes behind it is outside
            stream = zlib.decompressobj()
            try:
                inflated = len(stream.decompress(packed, expected + 1))
            except zlib.error:
                return False
            return inflated == expected
    return len(packed) == expected
