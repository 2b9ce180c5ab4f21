"""What must stand inside the files of a CMRxRecon 2023 scan: variables, types, shapes, masks, after Format_cine.txt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from evaluators.importers.cmrxrecon2023_tree import Scan
from evaluators.importers.dataset import Problem

#: central lines that the challenge always samples; a smaller matrix has fewer
_ACS_LINES = 24
_Found = TypeVar("_Found")
_AXES = "(t, slice, coil, ky, kx)"


class BadFile(Exception):
    """One file is not what its place asks for."""

    def __init__(self, *, wanted: str, found: str) -> None:
        super().__init__(f"wanted {wanted}, found {found}")
        self.wanted = wanted
        self.found = found


@contextmanager
def open_array(path: Path, *, variable: str) -> Iterator[h5py.Dataset]:
    """The one variable of a .mat v7.3 file. Raises BadFile."""
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise BadFile(wanted="a MATLAB v7.3 (HDF5) file", found="another format, or a damaged file") from None
    with file:
        node = file.get(variable)
        if not isinstance(node, h5py.Dataset):
            names = ", ".join(sorted(name for name in file if not name.startswith("#"))) or "nothing"
            raise BadFile(wanted=f"variable {variable}", found=names)
        yield node


def as_complex(values: NDArray[Any]) -> NDArray[np.complex128]:
    """MATLAB's {real, imag} pairs as complex numbers."""
    numbers = np.empty(values.shape, dtype=np.complex128)
    numbers.real, numbers.imag = values["real"], values["imag"]
    return numbers


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A scan's problems, and the shape of its fully sampled k-space (t, slice, coil, ky, kx) where that could be read."""

    problems: list[Problem]
    shape: tuple[int, ...] | None


def check_scan(*, root: Path, scan: Scan) -> Checked:
    """Look into every file of a scan; k-space is read at one coil, slice and frame only."""
    problems: list[Problem] = []

    def attempt(path: str, look: Callable[[Path], _Found]) -> _Found | None:
        if not (root / path).is_file():
            return None  # the tree has reported it already
        try:
            return look(root / path)
        except BadFile as bad:
            problems.append(Problem(path=path, wanted=bad.wanted, found=bad.found))
            return None

    full = attempt(scan.full, partial(_kspace, variable="kspace_full", shape=None))
    shape = None if full is None else full[0]
    for factor, (kspace, mask) in scan.sampled.items():
        lines = attempt(mask, partial(_mask, factor=factor, plane=None if shape is None else shape[-2:]))
        found = attempt(kspace, partial(_kspace, variable=f"kspace_sub{factor:02d}", shape=shape))
        if lines is not None and found is not None and (extra := int((found[1] & ~lines).sum())):
            wanted = f"samples on the lines of {Path(mask).name} alone"
            problems.append(Problem(path=kspace, wanted=wanted, found=f"samples on {extra} other lines"))
    return Checked(problems=problems, shape=shape)


def _kspace(path: Path, *, variable: str, shape: tuple[int, ...] | None) -> tuple[tuple[int, ...], NDArray[np.bool_]]:
    """(shape, which ky lines hold samples) of a k-space file. Raises BadFile."""
    with open_array(path, variable=variable) as data:
        if data.dtype.names != ("real", "imag") or data.dtype["real"] not in (np.float32, np.float64):
            wanted = "complex numbers as {real, imag} of float32 or float64"
            raise BadFile(wanted=wanted, found=str(data.dtype))
        if data.ndim != 5:
            raise BadFile(wanted=f"five axes {_AXES} as stored", found=f"{data.ndim} axes, {data.shape}")
        if shape is not None and data.shape != shape:
            raise BadFile(wanted=f"the shape of the full sample, {shape}", found=str(data.shape))
        if 0 in data.shape:
            raise BadFile(wanted="data", found=f"an empty array, {data.shape}")
        found: tuple[int, ...] = data.shape
        plane = as_complex(data[0, found[1] // 2, 0])
    if not np.isfinite(plane).all():
        raise BadFile(wanted="finite numbers", found="NaN or infinity")
    sampled: NDArray[np.bool_] = (plane != 0).any(axis=1)
    if not sampled.any():
        raise BadFile(wanted="samples", found="zeros alone in the first coil and frame of the middle slice")
    return found, sampled


def _mask(path: Path, *, factor: int, plane: tuple[int, ...] | None) -> NDArray[np.bool_]:
    """Which ky lines are sampled. plane: (ky, kx) of the full sample. Raises BadFile."""
    with open_array(path, variable=f"mask{factor:02d}") as data:
        if data.dtype.kind not in "fiub" or data.ndim != 2:
            raise BadFile(wanted="a numeric mask (ky, kx) as stored", found=f"{data.dtype}, {data.shape}")
        if plane is not None and data.shape != plane:
            raise BadFile(wanted=f"the plane of the full sample, {plane}", found=str(data.shape))
        mask = data[()]
    if not np.isin(mask, (0, 1)).all():
        raise BadFile(wanted="zeros and ones", found="other values")
    lines: NDArray[np.bool_] = mask.any(axis=1)
    if not (mask == lines[:, None]).all():
        raise BadFile(wanted="whole ky lines, the same for every kx", found="lines that are sampled in part")
    regular = -(-lines.size // factor)
    if not regular - 1 <= lines.sum() <= regular + _ACS_LINES + 1:
        wanted = f"every {factor}th of {lines.size} lines and up to {_ACS_LINES} in the centre"
        raise BadFile(wanted=wanted, found=f"{int(lines.sum())} lines")
    return lines
