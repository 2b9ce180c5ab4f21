"""What every reader asks of an array before it takes a value, and after."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.errors import ReadFailure

#: a file may be this many times as large as its array in float64, plus room for headers and small companions
SIZE_FACTOR = 2
SIZE_SLACK = 16 * 2**20
#: numbers from a file are told up to here: a shape must not become a way to carry data out
_TOLD_AXES = 6
_TOLD_SIZE = 9_999
_WIDEST = 8
#: floats this close to a whole number are that label: `scl_slope` leaves 1.00000005, interpolation is far off
LABEL_TOLERANCE = 1e-4
#: values that are rounded and compared at once
_BLOCK = 2**18


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


def check_shape(found: tuple[int, ...], *, spec: OutputSpec) -> None:
    """`found` is the expected shape, trailing axes of size 1 aside: these formats say their order. Raises ReadFailure BAD_SHAPE."""
    if _without_last_ones(found) == _without_last_ones(spec.shape):
        return
    detail = f"found {told(found)}, expected {told(spec.shape)}"
    if found == spec.shape[::-1]:
        detail += "; the axes are in reverse order"
    raise ReadFailure(CaseFailure.BAD_SHAPE, detail)


def _without_last_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def check_dtype(found: str, *, spec: OutputSpec) -> None:
    """`found` is a numpy kind and width such as f4, or a word of ours such as `complex`. Raises ReadFailure BAD_VALUE."""
    if found not in spec.dtypes:
        wanted = "real " + " or ".join(np.dtype(dtype).name for dtype in spec.dtypes)
        if spec.labels is not None:
            wanted = "labels: whole numbers, as integers or floats"
        raise ReadFailure(CaseFailure.BAD_VALUE, f"{called(spec)} holds {found}, expected {wanted}")


def check_values(array: NDArray[Any], *, spec: OutputSpec) -> NDArray[Any]:
    """`array` if every value may stand there: finite and within float32, or one of the labels, which come back as integers.

    Raises ReadFailure NOT_FINITE or BAD_VALUE.
    """
    if not array.size:
        return array
    # of NaN among other values both are NaN: one pass, and no second array
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ReadFailure(CaseFailure.NOT_FINITE, "NaN or infinity among the values")
    if spec.labels is not None:
        return _labels(array, low=float(low), high=float(high), allowed=spec.labels)
    if array.dtype.kind == "f" and max(-low, high) > np.finfo(np.float32).max:
        raise ReadFailure(CaseFailure.BAD_VALUE, "values beyond the range of float32")
    return array


def _labels(
    array: NDArray[Any], *, low: float, high: float, allowed: range | frozenset[int]
) -> NDArray[np.integer[Any]]:
    unknown = ReadFailure(CaseFailure.BAD_VALUE, "a label that the task does not name")
    if low < min(allowed) - LABEL_TOLERANCE or high > max(allowed) + LABEL_TOLERANCE:
        raise unknown
    if array.dtype.kind in "iu" and array.dtype.itemsize <= np.dtype(np.int32).itemsize:
        labels = array
    else:
        labels = np.empty_like(array, dtype=np.int32)
        for part, whole in zip(_blocks(array), _blocks(labels), strict=True):
            whole[...] = np.rint(part) if array.dtype.kind == "f" else part
            if array.dtype.kind == "f" and np.abs(part - whole).max() > LABEL_TOLERANCE:
                raise ReadFailure(
                    CaseFailure.BAD_VALUE, "values between two labels: labels were interpolated or scaled"
                )
    if not _contiguous(allowed) and not all(np.isin(part, sorted(allowed)).all() for part in _blocks(labels)):
        raise unknown
    return labels


def _blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Views that make up the array: what is computed of one is never as large as the array."""
    flat = array.ravel(order="K")
    return (flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK))


def _contiguous(allowed: range | frozenset[int]) -> bool:
    return max(allowed) - min(allowed) + 1 == len(allowed)


def called(spec: OutputSpec) -> str:
    """How a message names the array."""
    return f"`{spec.variable}`" if spec.variable else "the image"


def missing_variable(spec: OutputSpec) -> ReadFailure:
    """The file is sound but holds no variable of the name; the names that it does hold are not told."""
    return ReadFailure(CaseFailure.BAD_FORMAT, f"no variable `{spec.variable}` in the file")
