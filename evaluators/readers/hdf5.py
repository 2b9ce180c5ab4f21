"""MATLAB v7.3 files, which are HDF5: one plain real array at the root, refused for anything that could reach outside or swell.

Axes are taken as MATLAB shows them, the reverse of what HDF5 stores: (t, slice, y, x) in the file is (x, y, slice, t) here.
Python users write (x, y, slice, t) into the file as it stands, which MATLAB would show reversed: `checks.axes_reversed` tells
both apart by the expected shape. MATLAB's 512-byte header and its attributes are not asked for: other writers set them too,
and where the shape reads the same both ways the format's own order holds whether they are there or not.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import h5py
import numpy as np
from h5py import h5d, h5i, h5l, h5o, h5s, h5t
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import axes_reversed, check_dtype, missing_variable
from evaluators.readers.errors import ReadFailure
from evaluators.readers.hdf5_values import BadStorage, load, stored_dtype

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
#: without a header in front, and behind MATLAB's
HDF5_OFFSETS = (0, 512)

_CLASSES = {
    h5t.INTEGER: "integers",
    h5t.FLOAT: "floats of another width",
    h5t.COMPOUND: "complex or compound values",
    h5t.STRING: "text",
    h5t.REFERENCE: "references",
    h5t.ENUM: "an enumeration",
}


def read_hdf5(file: BinaryIO, *, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    """The array in MATLAB's axis order; trailing axes of size 1 may be missing.

    file: open and readable; HDF5 sees this file alone. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or BAD_VALUE.
    """
    try:
        with h5py.File(file, "r") as opened:
            return _read(opened, descriptor=file.fileno(), spec=spec)
    # what HDF5 says may repeat names that stand in the file: it is not passed on
    except (OSError, RuntimeError, KeyError, ValueError, MemoryError):
        raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged, or not an HDF5 file that can be read") from None


def _read(opened: h5py.File, *, descriptor: int, spec: OutputSpec) -> NDArray[np.floating[Any]]:
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
    reverse = axes_reversed(_shape(node, spec=spec)[::-1], spec=spec)
    try:
        values: NDArray[np.floating[Any]] = load(node, descriptor=descriptor)
    except BadStorage as bad:
        raise _unplain(spec, str(bad)) from None
    return values if reverse else values.T


def _unplain(spec: OutputSpec, what: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_FORMAT, f"`{spec.variable}` {what}")


def _dtype(node: h5d.DatasetID) -> str:
    dtype = stored_dtype(node)
    if dtype is not None and dtype.kind == "f":
        return f"f{dtype.itemsize}"
    return _CLASSES.get(node.get_type().get_class(), "another type")


def _shape(node: h5d.DatasetID, *, spec: OutputSpec) -> tuple[int, ...]:
    space = node.get_space()
    if space.get_simple_extent_type() != h5s.SIMPLE:
        raise ReadFailure(CaseFailure.BAD_SHAPE, f"`{spec.variable}` is not an array")
    return tuple(space.get_simple_extent_dims())
