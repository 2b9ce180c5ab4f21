"""Two files on a person's own disk, read without a task: format, shape and dtype are as the file says, the parsers the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import LABEL_DTYPES, OutputSpec
from evaluators.contract.datasets import spacing_of
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import check_values
from evaluators.readers.errors import ReadFailure
from evaluators.readers.formats import READERS, sniff
from evaluators.readers.grid import Matrix, check_affine
from evaluators.readers.hdf5_parser import ParserEnded, describe, names
from evaluators.readers.mat5 import mat5_variables
from evaluators.readers.mha import open_mha
from evaluators.readers.nifti import open_nifti
from evaluators.readers.npy import NpyHeader, npy_header
from evaluators.readers.npz import Member, npz_variables, open_member
from evaluators.readers.opening import opened
from evaluators.readers.source import Stored

#: whatever is a real number
_DTYPES = (*LABEL_DTYPES, "f2")
_MOST_VARIABLES = 1_000


@dataclass(frozen=True, kw_only=True)
class Looked:
    """An array and what its file says of it."""

    array: NDArray[Any]
    #: mm, one number for each of the first three axes; None where the format has none
    spacing: tuple[float, ...] | None
    #: (4, 4), voxel index -> mm in RAS; None where the format has none
    affine: Matrix | None
    format: str
    #: None where arrays of the format have no names
    variable: str | None


@dataclass(frozen=True)
class _Sight:
    """What a header says."""

    shape: tuple[int, ...]
    dtype: str
    affine: Matrix | None = None


def look(path: Path | str, *, variable: str | None = None, most_bytes: int = 2**33) -> Looked:
    """The array of a .npy, .npz, .mat, .nii, .nii.gz or .mha file, real and finite; .mat axes as MATLAB shows them.

    variable: of a .npz or .mat with several arrays. most_bytes: of the file, and of its array in memory.
    Raises ReadFailure MISSING_FILE, FORBIDDEN_FILE, BAD_FORMAT, BAD_SHAPE, BAD_GRID, BAD_VALUE or NOT_FINITE.
    """
    with opened(path, most=most_bytes, what="here", links=True) as (file, size):
        if not size:
            raise ReadFailure(CaseFailure.BAD_FORMAT, "an empty file")
        found = sniff(file)
        if found is None:
            raise ReadFailure(CaseFailure.BAD_FORMAT, f"none of the formats {', '.join(READERS)}")
        named = _NAMED.get(found)
        name = None
        if named is None:
            sight = _SINGLE[found](file, size)
        else:
            seen = named(file, size)
            name = _only(list(seen), variable=variable)
            sight = seen[name]()
        spec = _spec(sight, format=found, variable=name, most_bytes=most_bytes)
        array = check_values(READERS[found](file, size=size, spec=spec).reshape(spec.shape, order="F"), spec=spec)
    affine = None if sight.affine is None else check_affine(sight.affine)
    spacing = None if affine is None else spacing_of(affine.tolist(), axes=array.ndim)
    return Looked(array=array, spacing=spacing, affine=affine, format=found, variable=name)


def _spec(sight: _Sight, *, format: str, variable: str | None, most_bytes: int) -> OutputSpec:  # noqa: A002 - the field's word
    # another type is refused by the reader itself, which says it in its own words
    width = np.dtype(sight.dtype).itemsize if sight.dtype in _DTYPES else 1
    if prod(sight.shape) * width > most_bytes:
        raise ReadFailure(
            CaseFailure.BAD_SHAPE, f"an array of more than {most_bytes} bytes, the most that is read here"
        )
    return OutputSpec(path="", variable=variable or "", shape=sight.shape, dtypes=_DTYPES, formats=(format,))


def _only(names: list[str], *, variable: str | None) -> str:
    if variable is not None:
        if variable not in names:
            raise ReadFailure(CaseFailure.BAD_FORMAT, "no array of the name that was asked for in the file")
        return variable
    if not names:
        raise ReadFailure(CaseFailure.BAD_FORMAT, "no array in the file")
    if len(names) > 1:
        raise ReadFailure(
            CaseFailure.BAD_FORMAT, f"{len(names)} arrays in the file; say which by its name (`variable`)"
        )
    return names[0]


def _nifti(file: BinaryIO, size: int) -> _Sight:
    header, _ = open_nifti(file, size=size)
    return _Sight(header.shape, header.dtype, header.affine)


def _mha(file: BinaryIO, size: int) -> _Sight:
    header, _ = open_mha(file, size=size)
    return _Sight(header.shape, header.dtype, header.affine)


def _npy(file: BinaryIO, size: int) -> _Sight:
    return _of_npy(npy_header(Stored(file, start=0, end=size)))


def _of_npy(header: NpyHeader) -> _Sight:
    return _Sight(header.shape, header.dtype)


def _of_member(file: BinaryIO, size: int, member: Member) -> _Sight:
    return _of_npy(npy_header(open_member(file, size=size, member=member)))


def _npz(file: BinaryIO, size: int) -> dict[str, Callable[[], _Sight]]:
    return {name: partial(_of_member, file, size, member) for name, member in npz_variables(file, size=size).items()}


def _mat5(file: BinaryIO, size: int) -> dict[str, Callable[[], _Sight]]:
    return {name: partial(_Sight, shape, dtype) for name, (shape, dtype) in mat5_variables(file, size=size).items()}


def _hdf5(file: BinaryIO, size: int) -> dict[str, Callable[[], _Sight]]:  # noqa: ARG001 - HDF5 asks the file itself
    try:
        named = names(file.fileno())
        if named is None:
            raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged, or not an HDF5 file that can be read")
        if len(named) > _MOST_VARIABLES:
            raise ReadFailure(CaseFailure.BAD_FORMAT, f"more than {_MOST_VARIABLES} arrays in the file")
        told = {name: describe(file.fileno(), variable=name) for name in named}
    except ParserEnded:
        raise ReadFailure(CaseFailure.BAD_FORMAT, "damaged: HDF5 crashes or loops over what the file says") from None
    return {
        name: partial(_Sight, found.shape[::-1], found.type[1:])
        for name, found in told.items()
        if found.found == "array" and found.shape
    }


_SINGLE: dict[str, Callable[[BinaryIO, int], _Sight]] = {"nifti": _nifti, "mha": _mha, "npy": _npy}
_NAMED: dict[str, Callable[[BinaryIO, int], dict[str, Callable[[], _Sight]]]] = {
    "npz": _npz,
    "mat-v7": _mat5,
    "mat-v7.3": _hdf5,
}
