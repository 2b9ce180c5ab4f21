"""NIfTI-1 and NIfTI-2 images in one file, .nii or .nii.gz, by a parser of our own that believes no size before it is checked.

Layout after nifti1.h and nifti2.h (NIfTI Data Format Working Group, 2004 and 2011): a header of 348 or 540 bytes,
extensions, then the values at `vox_offset`, first axis fastest. Pairs (.hdr and .img) are refused: no second file is opened.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.readers.checks import check_dtype, check_shape
from evaluators.readers.grid import Matrix, check_grid
from evaluators.readers.source import GZIP, Inflating, Source, Stored, damaged, skip, take, take_array

GZIP_MAGIC = b"\x1f\x8b"
#: datatype code -> numpy kind and width
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
_OTHERS = {32: "complex values", 1792: "complex values", 2048: "complex values", 128: "colours", 2304: "colours"}
#: unit code -> mm; 0 says nothing, and everybody means mm
_UNITS = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
#: extensions in front of the values are passed over up to here
_FARTHEST = 16 * 2**20
_MOST_AXES = 7


#: where a group of numbers lies, and how struct reads it
_Where = tuple[int, str]


@dataclass(frozen=True, kw_only=True)
class _Version:
    length: int
    magic: bytes
    magic_at: int
    dim: _Where
    datatype: _Where
    pixdim: _Where
    offset: _Where
    scale: _Where
    units: _Where
    #: qform_code and sform_code
    codes: _Where
    #: b, c, d of the quaternion, then the offset in mm
    quaternion: _Where
    rows: _Where


_VERSIONS = (
    _Version(
        length=348,
        magic=b"n+1\0",
        magic_at=344,
        dim=(40, "8h"),
        datatype=(70, "h"),
        pixdim=(76, "8f"),
        offset=(108, "f"),
        scale=(112, "2f"),
        units=(123, "B"),
        codes=(252, "2h"),
        quaternion=(256, "6f"),
        rows=(280, "12f"),
    ),
    _Version(
        length=540,
        magic=b"n+2\0\r\n\x1a\n",
        magic_at=4,
        dim=(16, "8q"),
        datatype=(12, "h"),
        pixdim=(104, "8d"),
        offset=(168, "q"),
        scale=(176, "2d"),
        units=(500, "i"),
        codes=(344, "2i"),
        quaternion=(352, "6d"),
        rows=(400, "12d"),
    ),
)


@dataclass(frozen=True)
class NiftiHeader:
    """What stands before the values."""

    byte_order: str
    #: numpy's kind and width, or a word of ours for what is no plain real number
    stored: str
    shape: tuple[int, ...]
    #: of the first value, in bytes from the start
    offset: int
    #: value = stored * slope + intercept; None where nothing is scaled
    scale: tuple[float, float] | None
    #: (4, 4), voxel index -> mm in RAS; not yet checked for sense
    affine: Matrix

    @property
    def dtype(self) -> str:
        """Of the values as they are handed out: scaled ones are float64."""
        return "f8" if self.scale and self.stored in _TYPES.values() else self.stored


def looks_like_nifti(head: bytes) -> bool:
    """Whether a file starts as an image without gzip does. head: its first 540 bytes, or fewer."""
    return _version(head) is not None


def read_nifti(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.generic]:
    """The array in the file's own axis order. file: open, `size` bytes long.

    Raises ReadFailure BAD_FORMAT, BAD_SHAPE, BAD_GRID or BAD_VALUE.
    """
    header, source = open_nifti(file, size=size)
    check_dtype(header.dtype, spec=spec)
    check_shape(header.shape, spec=spec)
    check_grid(header.affine, spec=spec)
    values = take_array(source, dtype=header.byte_order + header.stored, shape=header.shape)
    if header.scale is None:
        return values
    slope, intercept = header.scale
    scaled = values.astype(np.float64)
    scaled *= slope
    scaled += intercept
    return scaled


def open_nifti(file: BinaryIO, *, size: int) -> tuple[NiftiHeader, Source]:
    """(header, source at the first value). Raises ReadFailure BAD_FORMAT."""
    source = _open(file, size=size)
    start = take(source, 4)
    version = next((v for v in _VERSIONS if v.length in _lengths(start)), None)
    if version is None:
        raise damaged("no NIfTI header")
    head = start + take(source, version.length - 4)
    if _version(head) is not version:
        raise damaged("no NIfTI header of a single file")
    header = _parse(head, version=version)
    skip(source, header.offset - version.length)
    return header, source


def _open(file: BinaryIO, *, size: int) -> Source:
    file.seek(0)
    if file.read(2) == GZIP_MAGIC:
        return Inflating(file, start=0, end=size, form=GZIP)
    return Stored(file, start=0, end=size)


def _lengths(start: bytes) -> tuple[int, int]:
    return int.from_bytes(start[:4], "little"), int.from_bytes(start[:4], "big")


def _version(head: bytes) -> _Version | None:
    for version in _VERSIONS:
        magic = head[version.magic_at : version.magic_at + len(version.magic)]
        if version.length in _lengths(head) and magic == version.magic:
            return version
    return None


def _parse(head: bytes, *, version: _Version) -> NiftiHeader:
    order = "<" if _lengths(head)[0] == version.length else ">"

    def numbers(where: _Where) -> tuple[float, ...]:
        return struct.unpack_from(order + where[1], head, where[0])

    axes, *sizes = (int(size) for size in numbers(version.dim))
    if not 1 <= axes <= _MOST_AXES or min(sizes[:axes]) < 1:
        raise damaged("a header whose axes are not positive")
    (code,) = numbers(version.datatype)
    (offset,) = numbers(version.offset)
    # 0 is written by tools that mean `right behind the header`, which ends with four bytes that announce extensions
    offset = offset or version.length + 4
    if not version.length <= offset <= version.length + _FARTHEST or offset != int(offset):
        raise damaged("a header whose values begin nowhere")
    slope, intercept = numbers(version.scale)
    return NiftiHeader(
        byte_order=order,
        stored=_TYPES.get(int(code), _OTHERS.get(int(code), "another type")),
        shape=tuple(sizes[:axes]),
        offset=int(offset),
        scale=_scale(slope, intercept),
        affine=_affine(numbers, version=version),
    )


def _scale(slope: float, intercept: float) -> tuple[float, float] | None:
    # a slope of 0 or NaN means: not scaled
    if slope == 0 or not math.isfinite(slope) or (slope, intercept) == (1, 0):
        return None
    if not math.isfinite(intercept):
        raise damaged("a header that scales by NaN or infinity")
    return slope, intercept


def _affine(numbers: Callable[[_Where], tuple[float, ...]], *, version: _Version) -> Matrix:
    """The sform where there is one, else the qform, else the spacing alone: methods 3, 2 and 1 of nifti1.h."""
    qform, sform = numbers(version.codes)
    flip, *steps = numbers(version.pixdim)[:4]
    affine = np.eye(4)
    if sform > 0:
        affine[:3] = np.reshape(numbers(version.rows), (3, 4))
    elif qform > 0:
        *turn, x, y, z = numbers(version.quaternion)
        affine[:3, :3] = _rotation(*turn) * [steps[0], steps[1], -steps[2] if flip < 0 else steps[2]]
        affine[:3, 3] = x, y, z
    else:
        affine[:3, :3] = np.diag(steps)
    affine[:3] *= _UNITS.get(int(numbers(version.units)[0]) & 7, 1.0)
    return affine


def _rotation(b: float, c: float, d: float) -> Matrix:
    """(3, 3) of the unit quaternion a + bi + cj + dk with a >= 0, which the header leaves out. All NaN where there is none."""
    length = b * b + c * c + d * d
    if not length <= 1 + 1e-5:
        return np.full((3, 3), np.nan)
    a = math.sqrt(max(0.0, 1 - length))
    # half a turn, as near as float32 can say it
    if 1 - length < 1e-7:
        a, b, c, d = 0.0, *(part / math.sqrt(length) for part in (b, c, d))
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
