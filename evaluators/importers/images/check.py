"""What must stand inside the files of a case: two or three axes, one grid, labels that the set knows, nothing missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.importers.images.case import ImageCase
from evaluators.importers.nifti import Volume, read_volume, whole_numbers
from evaluators.importers.problems import BadFile, Problem
from evaluators.readers.errors import ReadFailure
from evaluators.readers.grid import Matrix, check_affine, difference

_AXES = "xyz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """A case's label map (x, y) or (x, y, z), unsigned integers, and its affine (4, 4) from voxel index to mm in RAS."""

    values: NDArray[np.unsignedinteger[Any]]
    affine: Matrix


def check_case(
    *, root: Path, case: ImageCase, known: Mapping[int, str] | None, problems: list[Problem]
) -> Labels | None:
    """Look into every file of a case, all of it. None after the problems of its label map were added to `problems`.

    known: the labels that a map may hold, None: any.
    """
    first: tuple[str, Volume] | None = None
    for one in case.inputs:
        volume = _looked(root, one.path, problems=problems)
        if volume is None or not one.on_grid:
            continue
        if first is None:
            first = one.path, volume
        elif bad := _off_grid(volume, first=first):
            problems.append(bad.at(one.path))
    mapped = _looked(root, case.labels, problems=problems)
    if mapped is None:
        return None
    if first is not None and (bad := _off_grid(mapped, first=first)):
        problems.append(bad.at(case.labels))
    try:
        values = whole_numbers(mapped.values, known=known)
    except BadFile as bad:
        problems.append(bad.at(case.labels))
        return None
    return Labels(values=values, affine=mapped.affine)


def _looked(root: Path, path: str, *, problems: list[Problem]) -> Volume | None:
    """A picture or volume that lies somewhere; None after its problem was noted."""
    if not (root / path).is_file():
        found = "no such file" if not (root / path).exists() else "something else"
        problems.append(Problem(path=path, wanted="a file, as others of this case are there", found=found))
        return None
    try:
        volume = read_volume(root / path)
        values = volume.values
        while values.ndim > 3 and values.shape[-1] == 1:
            values = values[..., 0]
        if values.ndim not in {2, 3}:
            raise BadFile(wanted="two or three axes (x, y, z)", found=f"{values.ndim}: {values.shape}")
        try:
            affine = check_affine(volume.affine)
        except ReadFailure as failure:
            raise BadFile(wanted="a header that says where voxels lie", found=failure.detail) from None
    except BadFile as bad:
        problems.append(bad.at(path))
        return None
    return Volume(values=values, affine=affine)


def _off_grid(volume: Volume, *, first: tuple[str, Volume]) -> BadFile | None:
    """Why it does not lie on the grid of the case's first image."""
    path, other = first
    found, wanted = volume.values.shape, other.values.shape
    if len(found) != len(wanted):
        return BadFile(wanted=f"the axes of {path}, {wanted}", found=f"{found}")
    if found != wanted:
        axes = [name for name, a, b in zip(_AXES, found, wanted, strict=False) if a != b]
        return BadFile(wanted=f"the voxels of {path}, {wanted}", found=f"{found}, other along {' and '.join(axes)}")
    if how := difference(volume.affine, other.affine):
        steps = ", ".join(f"{step:.4g}" for step in np.linalg.norm(volume.affine[:3, :3], axis=0))
        return BadFile(wanted=f"the grid of {path}", found=f"another, of ({steps}) mm: {how}")
    return None
