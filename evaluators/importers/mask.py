"""Sampling masks: what they must look like for a pattern and a factor, after the challenges' own generators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluators.importers.kspace import open_array
from evaluators.importers.layout import Pattern
from evaluators.importers.problems import BadFile

Points = NDArray[np.bool_]
#: a matrix of fewer lines than the challenge's smallest has fewer central lines too (a simulated set does)
_SMALLEST = 204


def read_mask(
    path: Path, *, variable: str, pattern: Pattern, factor: int, acs: int, shape: tuple[int, ...] | None
) -> Points:
    """Which points are sampled: (frame, ky, kx), one frame where the mask is the same in all.

    shape: (t, slice, coil, ky, kx) of the full sample, None where that cannot be read. acs: central ky lines that are always
    sampled (a square of points for a pattern of points). Raises BadFile.
    """
    with open_array(path, variables=(variable,)) as data:
        _check_form(data.shape, str(data.dtype), kind=data.dtype.kind, pattern=pattern, shape=shape, variable=variable)
        values = data[()]
    mask = values if values.ndim == 3 else values[None]
    if not np.isin(mask, (0, 1)).all():
        raise BadFile(wanted="zeros and ones", found="other values", variable=variable)
    points: Points = np.asarray(mask).astype(np.bool_)
    for frame, plane in enumerate(points):
        where = f" in frame {frame + 1}" if len(points) > 1 else ""
        check = _check_lines if pattern.lines else _check_points
        check(plane, factor=factor, acs=acs, per_frame=pattern.per_frame, variable=variable, where=where)
    return points


def _check_form(
    found: tuple[int, ...], dtype: str, *, kind: str, pattern: Pattern, shape: tuple[int, ...] | None, variable: str
) -> None:
    wanted = "a numeric mask (t, ky, kx) as stored" if pattern.per_frame else "a numeric mask (ky, kx) as stored"
    # one frame: MATLAB has left the axis out
    axes = {2, 3} if pattern.per_frame else {2}
    if kind not in "fiub" or len(found) not in axes:
        raise BadFile(wanted=wanted, found=f"{dtype}, {found}", variable=variable)
    if shape is None:
        return
    plane = tuple(shape[-2:])
    if found[-2:] != plane:
        note = ": (kx, ky)?" if found[-2:] == plane[::-1] else ""
        wanted = f"the plane (ky, kx) of the full sample, {plane}"
        raise BadFile(wanted=wanted, found=f"{found}{note}", variable=variable)
    frames = found[0] if len(found) == 3 else 1
    if pattern.per_frame and frames != shape[0] and not (pattern.fixed and frames == 1):
        raise BadFile(wanted=f"one plane for each of {shape[0]} frames", found=f"{frames}", variable=variable)


def central_lines(*, ny: int, acs: int) -> int:
    """How many central lines the checks insist on: `acs` at the challenge's sizes, the same share of a smaller matrix."""
    return min(acs, max(4, 2 * round(ny * acs / _SMALLEST / 2)))


def _centre(*, size: int, length: int) -> slice:
    start = size // 2 - length // 2
    return slice(start, start + length)


def _check_lines(plane: Points, *, factor: int, acs: int, per_frame: bool, variable: str, where: str) -> None:
    lines: Points = np.asarray(plane.any(axis=1))
    if not (plane == lines[:, None]).all():
        wanted = "whole ky lines, the same for every kx"
        raise BadFile(wanted=wanted, found=f"lines that are sampled in part{where}", variable=variable)
    ny = lines.size
    regular = -(-ny // factor)
    # random and interleaved patterns may fall short of the nominal number by one more
    slack = 2 if per_frame else 1
    if not regular - slack <= lines.sum() <= regular + acs + slack:
        wanted = f"every {factor}th of {ny} lines and up to {acs} in the centre"
        raise BadFile(wanted=wanted, found=f"{int(lines.sum())} lines{where}", variable=variable)
    needed = central_lines(ny=ny, acs=acs)
    if not lines[_centre(size=ny, length=needed)].all():
        wanted = f"the central {needed} lines sampled"
        raise BadFile(wanted=wanted, found=f"gaps there{where}", variable=variable)


def _check_points(plane: Points, *, factor: int, acs: int, per_frame: bool, variable: str, where: str) -> None:
    del per_frame
    ny, nx = plane.shape
    needed = central_lines(ny=ny, acs=acs)
    if not plane[_centre(size=ny, length=needed), _centre(size=nx, length=min(needed, nx))].all():
        wanted = f"the central {needed} x {needed} points sampled"
        raise BadFile(wanted=wanted, found=f"gaps there{where}", variable=variable)
    # spokes are counted, not points: the share of points is near 1/factor, never twice that
    most = 2 * plane.size // factor + acs**2
    if not 0 < plane.sum() <= most:
        wanted = f"at most {most} of {plane.size} points for factor {factor}"
        raise BadFile(wanted=wanted, found=f"{int(plane.sum())}{where}", variable=variable)
