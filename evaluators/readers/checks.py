"""What every reader asks of an array before it takes a value, and after."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.errors import ReadFailure

Real = NDArray[np.floating[Any]]

#: a file may be this many times as large as its array in float64, plus room for headers and small companions
SIZE_FACTOR = 2
SIZE_SLACK = 16 * 2**20
#: numbers from a file are told up to here: a shape must not become a way to carry data out
_TOLD_AXES = 6
_TOLD_SIZE = 9_999
_WIDEST = 8


def largest_file(spec: OutputSpec) -> int:
    """Bytes above which a file is refused unread."""
    return SIZE_FACTOR * _WIDEST * prod(spec.shape) + SIZE_SLACK


def told(shape: tuple[int, ...]) -> str:
    """A found shape as text, coarse where it is absurd."""
    if len(shape) > _TOLD_AXES:
        return f"more than {_TOLD_AXES} axes"
    return "(" + ", ".join(str(size) if size <= _TOLD_SIZE else f">{_TOLD_SIZE}" for size in shape) + ")"


def _kept_by_matlab(shape: tuple[int, ...]) -> tuple[int, ...]:
    """MATLAB drops trailing axes of size 1 down to two axes."""
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def axes_reversed(found: tuple[int, ...], *, spec: OutputSpec) -> bool:
    """Whether the axes of a MATLAB file must be reversed to be the task's; trailing axes of size 1 may be missing.

    found: the axes as MATLAB shows them. The expected shape is taken as it stands, else its exact reverse, as numpy's and
    h5py's users write it; nothing else is guessed. A shape that reads the same both ways (a square picture) cannot tell, nor
    can any attribute of the file: there the format's own order holds, MATLAB's. Raises ReadFailure BAD_SHAPE.
    """
    if _kept_by_matlab(found) == _kept_by_matlab(spec.shape):
        return False
    if _kept_by_matlab(found) == _kept_by_matlab(spec.shape[::-1]):
        return True
    # (x, y, slice) written by h5py where the one frame was left out
    if _kept_by_matlab(found[::-1]) == _kept_by_matlab(spec.shape):
        return True
    raise ReadFailure(CaseFailure.BAD_SHAPE, f"found {told(found)}, expected {told(spec.shape)}")


def check_dtype(found: str, *, spec: OutputSpec) -> None:
    """`found` is a numpy kind and width such as f4, or a word of ours such as `complex`. Raises ReadFailure BAD_VALUE."""
    if found not in spec.dtypes:
        wanted = " or ".join(np.dtype(dtype).name for dtype in spec.dtypes)
        raise ReadFailure(CaseFailure.BAD_VALUE, f"`{spec.variable}` holds {found}, expected real {wanted}")


def check_values(array: Real) -> Real:
    """`array` if every value is finite and fits float32, else ReadFailure NOT_FINITE or BAD_VALUE."""
    if not np.isfinite(array).all():
        raise ReadFailure(CaseFailure.NOT_FINITE, "NaN or infinity among the values")
    if array.size and np.abs(array).max() > np.finfo(np.float32).max:
        raise ReadFailure(CaseFailure.BAD_VALUE, "values beyond the range of float32")
    return array


def missing_variable(spec: OutputSpec) -> ReadFailure:
    """The file is sound but holds no variable of the name; the names that it does hold are not told."""
    return ReadFailure(CaseFailure.BAD_FORMAT, f"no variable `{spec.variable}` in the file")
