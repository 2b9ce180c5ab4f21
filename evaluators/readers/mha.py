"""MetaImage in one file (.mha): a text header, then the values, plain or under zlib. No second file is ever opened.

Layout after "MetaIO Documentation", Kitware. Directions and offset are stored towards left, posterior and superior (LPS), a
row of TransformMatrix for each axis of the image; they are handed out as NIfTI has them (RAS).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import check_dtype, check_shape
from evaluators.readers.errors import ReadFailure
from evaluators.readers.grid import LPS, Matrix, check_grid
from evaluators.readers.source import ZLIB, Inflating, Source, Stored, damaged, take_array

_STARTS = re.compile(rb"(?:ObjectType|NDims|Comment)[ \t]*=")
_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9_]{0,62})[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?\n")
_LONGEST_HEADER = 65_536
_MOST_AXES = 7
_SIZE = re.compile(r"[0-9]{1,10}")

#: ElementType -> numpy kind and width; MetaIO's LONG has four bytes wherever it is written
_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
#: what MetaIO calls one thing, the name that ITK writes first
_MATRIX = ("TransformMatrix", "Rotation", "Orientation")
_OFFSET = ("Offset", "Position", "Origin")
_SPACING = ("ElementSpacing", "ElementSize")
_BIG_ENDIAN = ("BinaryDataByteOrderMSB", "ElementByteOrderMSB")


@dataclass(frozen=True)
class MhaHeader:
    """What stands before the values."""

    byte_order: str
    #: numpy's kind and width, or a word of ours for what is no plain real number
    dtype: str
    shape: tuple[int, ...]
    compressed: bool
    #: of the first value, in bytes from the start
    offset: int
    #: (4, 4), voxel index -> mm in RAS; not yet checked for sense
    affine: Matrix


def looks_like_mha(head: bytes) -> bool:
    """Whether a file starts as a MetaImage header does."""
    return _STARTS.match(head) is not None


def read_mha(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.generic]:
    """The array with the first axis as the file's fastest, as NIfTI shows it. file: open, `size` bytes long.

    Raises ReadFailure BAD_FORMAT, BAD_SHAPE, BAD_GRID, BAD_VALUE or FORBIDDEN_FILE.
    """
    header, source = open_mha(file, size=size)
    check_dtype(header.dtype, spec=spec)
    check_shape(header.shape, spec=spec)
    check_grid(header.affine, spec=spec)
    return take_array(source, dtype=header.byte_order + header.dtype, shape=header.shape)


def open_mha(file: BinaryIO, *, size: int) -> tuple[MhaHeader, Source]:
    """(header, source at the first value). Raises ReadFailure BAD_FORMAT or FORBIDDEN_FILE."""
    file.seek(0)
    header = _parse(file.read(_LONGEST_HEADER))
    if header.compressed:
        return header, Inflating(file, start=header.offset, end=size, form=ZLIB)
    return header, Stored(file, start=header.offset, end=size)


def _parse(head: bytes) -> MhaHeader:
    said, offset = _lines(head)
    if said.get("ObjectType", "Image") != "Image" or said.get("HeaderSize", "0") != "0":
        raise damaged("a MetaImage header that is not one of an image with its values behind it")
    if _flag(said, "BinaryData", default=True) is False:
        raise ReadFailure(CaseFailure.BAD_FORMAT, "values written as text; write BinaryData = True")
    shape = tuple(_whole(part) for part in said.get("DimSize", "").split())
    if not 1 <= len(shape) <= _MOST_AXES or min(shape) < 1 or _whole(said.get("NDims", "")) != len(shape):
        raise damaged("a MetaImage header without as many positive sizes as axes")
    dtype = _TYPES.get(said.get("ElementType", ""), "another type")
    if said.get("ElementNumberOfChannels", "1") != "1":
        dtype = "several values a voxel"
    return MhaHeader(
        byte_order=">" if any(_flag(said, key, default=False) for key in _BIG_ENDIAN) else "<",
        dtype=dtype,
        shape=shape,
        compressed=_flag(said, "CompressedData", default=False),
        offset=offset,
        affine=_affine(said, axes=len(shape)),
    )


def _lines(head: bytes) -> tuple[dict[str, str], int]:
    """(key -> value, where the values of the image begin)."""
    said: dict[str, str] = {}
    position = 0
    while found := _LINE.match(head, position):
        position = found.end()
        key = found[1].decode("ascii")
        if key in said and key != "Comment":
            raise damaged("a MetaImage header that says one thing twice")
        said[key] = found[2].decode("latin-1")
        if key == "ElementDataFile":
            if said[key].upper() != "LOCAL":
                raise ReadFailure(CaseFailure.FORBIDDEN_FILE, "values in another file; write ElementDataFile = LOCAL")
            return said, position
    raise damaged("a MetaImage header without an end")


def _flag(said: dict[str, str], key: str, *, default: bool) -> bool:
    value = said.get(key)
    if value is None:
        return default
    # MetaIO looks at the first letter alone
    if value[:1] not in set("TtYy1FfNn0"):
        raise damaged("a MetaImage header with a switch that is neither True nor False")
    return value[0] in "TtYy1"


def _whole(text: str) -> int:
    return int(text) if _SIZE.fullmatch(text) else -1


def _numbers(said: dict[str, str], keys: tuple[str, ...], *, default: list[float]) -> list[float]:
    text = next((said[key] for key in keys if key in said), None)
    if text is None:
        return default
    try:
        found = [float(part) for part in text.split()]
    except ValueError:
        found = []
    if len(found) != len(default):
        raise damaged("a MetaImage header with another count of numbers than axes")
    return [number if math.isfinite(number) else math.nan for number in found]


def _affine(said: dict[str, str], *, axes: int) -> Matrix:
    spacing = _numbers(said, _SPACING, default=[1.0] * axes)
    offset = _numbers(said, _OFFSET, default=[0.0] * axes)
    directions = np.reshape(_numbers(said, _MATRIX, default=list(np.eye(axes).ravel())), (axes, axes)).T
    # a picture lies in space as a slice of thickness 1; of more axes than three the first three are in space
    used = min(axes, 3)
    affine = np.eye(4)
    affine[:used, :used] = directions[:used, :used] * spacing[:used]
    affine[:used, 3] = offset[:used]
    placed: Matrix = LPS @ affine
    return placed
