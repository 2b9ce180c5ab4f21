"""Images and label maps in NIfTI files, opened by the parser that reads containers' files, told in an importer's words.

A container's file is judged against a known case and may be quoted in nothing; an organiser's is looked at as it is, and
told with its numbers. What a header means is one code for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import LABEL_DTYPES, OutputSpec
from evaluators.importers.problems import BadFile
from evaluators.readers.checks import LABEL_TOLERANCE
from evaluators.readers.errors import ReadFailure
from evaluators.readers.grid import Matrix
from evaluators.readers.nifti import open_nifti, read_nifti
from evaluators.readers.opening import opened

_FORMAT = "a NIfTI file, .nii or .nii.gz"
#: bytes of a file, and voxels: a header that promises more is damaged
_MOST_BYTES, _MOST_VOXELS = 2**33, 2**30


@dataclass(frozen=True, kw_only=True, eq=False)
class Volume:
    """A file's values in its own axis order, scaled as its header says, and its affine (4, 4) from voxel index to mm in RAS."""

    values: NDArray[Any]
    affine: Matrix


def read_volume(path: Path) -> Volume:
    """All of a file; what its header declares must be there, and nothing behind it. Raises BadFile."""
    try:
        with opened(path, most=_MOST_BYTES, what="here", links=True) as (file, size):
            if not size:
                raise BadFile(wanted=_FORMAT, found="an empty file")
            header, _ = open_nifti(file, size=size)
            if prod(header.shape) > _MOST_VOXELS:
                raise BadFile(wanted=_FORMAT, found=f"a header of more than {_MOST_VOXELS} voxels: damaged")
            spec = OutputSpec(path="", shape=header.shape, dtypes=LABEL_DTYPES, formats=("nifti",))
            return Volume(values=read_nifti(file, size=size, spec=spec), affine=header.affine)
    except ReadFailure as failure:
        raise BadFile(wanted=_FORMAT, found=failure.detail or "no such file") from None


def whole_numbers(values: NDArray[Any], *, known: Mapping[int, str] | None) -> NDArray[np.unsignedinteger[Any]]:
    """Labels as the smallest unsigned integers that hold them; floats count where they are whole numbers. Raises BadFile.

    known: label -> name, 0 among them; None: any up to 65535.
    """
    if not np.isfinite(values).all():
        raise BadFile(wanted="labels: whole numbers", found="NaN or infinity")
    if values.dtype.kind == "f":
        whole = np.rint(values)
        between = np.abs(values - whole) > LABEL_TOLERANCE
        if between.any():
            found = f"values between labels in {np.count_nonzero(between)} voxels, such as {values[between][0]:.4g}"
            raise BadFile(wanted="labels: whole numbers", found=f"{found}: interpolated or scaled")
        values = whole
    there, counts = np.unique(values, return_counts=True)
    allowed = np.array(sorted(known)) if known is not None else None
    strange = ~np.isin(there, allowed) if allowed is not None else (there < 0) | (there > np.iinfo(np.uint16).max)
    if strange.any():
        where = int(np.flatnonzero(strange)[0])
        wanted = "labels from 0 to 65535"
        if known is not None:
            wanted = "labels " + ", ".join(f"{label} {name}".strip() for label, name in sorted(known.items()))
        raise BadFile(wanted=wanted, found=f"{there[where]:g} in {counts[where]} voxels")
    kind = np.uint8 if there.max(initial=0) <= np.iinfo(np.uint8).max else np.uint16
    return values.astype(kind)


def read_labels(path: Path, *, codes: Mapping[int, int], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """(x, y, slice) in our codes. codes: label in the file -> ours; shape: of the scan. Raises BadFile."""
    values = read_volume(path).values
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.shape != shape:
        raise BadFile(wanted=f"labels (x, y, slice) of the full sample, {shape}", found=f"{values.shape}")
    found = whole_numbers(values, known=dict.fromkeys((0, *codes), ""))
    if not found.any():
        raise BadFile(wanted=f"labels {', '.join(map(str, codes))}", found="zeros alone")
    table = np.zeros(max(codes) + 1, dtype=np.uint8)
    for code, ours in codes.items():
        table[code] = ours
    labels: NDArray[np.uint8] = table[found.astype(np.intp)]
    return labels
