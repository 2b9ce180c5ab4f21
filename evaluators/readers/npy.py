"""numpy's .npy files: the header is read by a grammar of our own, so that no text from a file is ever evaluated or unpickled.

Layout after NEP 1 and numpy.lib.format: magic, version, length of the header, a Python dict as text, the values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.readers.checks import check_dtype, check_shape
from evaluators.readers.source import Source, Stored, damaged, take, take_array

NPY_MAGIC = b"\x93NUMPY"
#: version -> bytes that say how long the header is
_LENGTHS = {b"\1\0": 2, b"\2\0": 4, b"\3\0": 4}
#: numpy's own limit is the same; a plain array needs 128
_LONGEST_HEADER = 10_000
_MOST_AXES = 32

_ENTRY = re.compile(
    rb"\s*'(descr|fortran_order|shape)'\s*:\s*('[^'\\]{1,40}'|True|False|\([0-9, L]{0,600}\)|\[)\s*(?:,|(?=\}))"
    rb"|\s*'(descr)'\s*:\s*(\[)"
)
_END = re.compile(rb"\s*\}\s*")
_DESCR = re.compile(rb"'([<>|=]?)([a-zA-Z])([0-9]{0,10})(?:\[[^']*\])?'")
_SIZE = re.compile(rb"\s*([0-9]{1,18})L?\s*")

_REAL = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
_OTHERS = {"c": "complex values", "O": "Python objects", "S": "text", "U": "text", "M": "dates", "m": "durations"}


@dataclass(frozen=True)
class NpyHeader:
    """What stands before the values."""

    #: numpy's kind and width, or a word of ours for what is no plain real number
    dtype: str
    byte_order: str
    order: Literal["C", "F"]
    shape: tuple[int, ...]


def read_npy(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.generic]:
    """The array of a .npy file of `size` bytes. Raises ReadFailure BAD_FORMAT, BAD_SHAPE or BAD_VALUE."""
    return npy_array(Stored(file, start=0, end=size), spec=spec)


def npy_array(source: Source, *, spec: OutputSpec) -> NDArray[np.generic]:
    """The array, once its header says what `spec` asks for. Raises ReadFailure."""
    header = npy_header(source)
    check_dtype(header.dtype, spec=spec)
    check_shape(header.shape, spec=spec)
    return take_array(source, dtype=header.byte_order + header.dtype, shape=header.shape, order=header.order)


def npy_header(source: Source) -> NpyHeader:
    """Reads up to the values. Raises ReadFailure BAD_FORMAT."""
    start = take(source, len(NPY_MAGIC) + 2)
    width = _LENGTHS.get(start[len(NPY_MAGIC) :])
    if not start.startswith(NPY_MAGIC) or width is None:
        raise damaged("no .npy header of a known version")
    length = int.from_bytes(take(source, width), "little")
    if length > _LONGEST_HEADER:
        raise damaged("a .npy header longer than any array needs")
    said = _entries(take(source, length))
    shape = _shape(said[b"shape"])
    byte_order, dtype = _dtype(said[b"descr"])
    return NpyHeader(
        dtype=dtype, byte_order=byte_order, order="F" if said[b"fortran_order"] == b"True" else "C", shape=shape
    )


def _entries(text: bytes) -> dict[bytes, bytes]:
    said: dict[bytes, bytes] = {}
    position = 1 if text.startswith(b"{") else len(text)
    while found := _ENTRY.match(text, position):
        key, value = found[1] or found[3], found[2] or found[4]
        if key in said:
            raise damaged("a .npy header that says one thing twice")
        said[key] = value
        position = found.end()
    whole = len(said) == 3 and _END.fullmatch(text, position)
    fits = said.get(b"fortran_order") in {b"True", b"False"} and said.get(b"shape", b"")[:1] == b"("
    # fields of a table are told apart so that the team hears what is wrong; what follows them is never parsed
    if said.get(b"descr") == b"[":
        return {b"shape": b"(0,)", b"fortran_order": b"False", **said}
    if not whole or not fits:
        raise damaged("a .npy header that does not say descr, fortran_order and shape")
    return said


def _shape(text: bytes) -> tuple[int, ...]:
    parts = text[1:-1].split(b",")
    # a tuple of one ends in a comma, and so may any other
    if not parts[-1].strip():
        parts.pop()
    sizes = [_SIZE.fullmatch(part) for part in parts]
    if not all(sizes) or len(sizes) > _MOST_AXES:
        raise damaged("a .npy header with a shape that is none")
    return tuple(int(size[1]) for size in sizes if size)


def _dtype(text: bytes) -> tuple[str, str]:
    if text == b"[":
        return "", "a table of fields"
    found = _DESCR.fullmatch(text)
    if not found:
        raise damaged("a .npy header with a type that is none")
    order, kind, width = (part.decode() for part in found.groups())
    if kind + width in _REAL:
        return ("" if order in {"|", "="} else order), kind + width
    return "", _OTHERS.get(kind, "another type")
