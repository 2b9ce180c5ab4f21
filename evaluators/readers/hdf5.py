"""MATLAB v7.3 files, which are HDF5: one plain real array at the root, refused for anything that could reach outside or swell.

Axes are taken as MATLAB shows them, the reverse of what HDF5 stores: (t, slice, y, x) in the file is (x, y, slice, t) here.
Python users write (x, y, slice, t) into the file as it stands, which MATLAB would show reversed: `checks.axes_reversed` tells
both apart by the expected shape. MATLAB's 512-byte header and its attributes are not asked for: other writers set them too,
and where the shape reads the same both ways the format's own order holds whether they are there or not.
"""

from __future__ import annotations

from typing import Any, BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import axes_reversed, check_dtype, missing_variable
from evaluators.readers.errors import ReadFailure
from evaluators.readers.hdf5_description import Numbers
from evaluators.readers.hdf5_parser import ParserEnded, describe
from evaluators.readers.hdf5_values import BadStorage, load

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
#: without a header in front, and behind MATLAB's
HDF5_OFFSETS = (0, 512)


def read_hdf5(file: BinaryIO, *, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    """The array in MATLAB's axis order; trailing axes of size 1 may be missing.

    file: open and readable; HDF5 sees this file alone, in a process of its own. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or
    BAD_VALUE.
    """
    try:
        found = describe(file.fileno(), variable=spec.variable)
    except ParserEnded:
        raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged: HDF5 crashes or loops over what the file says") from None
    match found.found:
        case "damaged":
            raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged, or not an HDF5 file that can be read")
        case "missing":
            raise missing_variable(spec)
        case "link":
            raise _unplain(spec, "is a link; the array itself must be in the file")
        case "group":
            raise ReadFailure(CaseFailure.BAD_VALUE, f"`{spec.variable}` is a group (a struct), expected an array")
    numbers = found.type in get_args(Numbers)
    check_dtype(_called(found.type) if numbers else found.type, spec=spec)
    if found.shape is None:
        raise ReadFailure(CaseFailure.BAD_SHAPE, f"`{spec.variable}` is not an array")
    reverse = axes_reversed(found.shape[::-1], spec=spec)
    try:
        values = load(found, descriptor=file.fileno())
    except BadStorage as bad:
        raise _unplain(spec, str(bad)) from None
    return values if reverse else values.T


def _unplain(spec: OutputSpec, what: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_FORMAT, f"`{spec.variable}` {what}")


def _called(numbers: str) -> str:
    return "complex or compound values" if numbers[1] == "c" else numbers[1:]
