"""k-space and masks in MATLAB v7.3 files: opened, checked against the axes of a layout, read plane by plane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from evaluators.importers.problems import BadFile

#: the user block in front of the HDF5 part may have these lengths
_SIGNATURE, _BEFORE = b"\x89HDF\r\n\x1a\n", (0, 512, 1024, 2048)
#: k-space with all its axes, as h5py shows them
ALL_AXES = ("t", "slice", "coil", "ky", "kx")
_FORMAT = "a MATLAB v7.3 (HDF5) file"
_FLOATS = (np.float32, np.float64)


@contextmanager
def open_array(path: Path, *, variables: Sequence[str]) -> Iterator[h5py.Dataset]:
    """The array under the first of `variables` that a .mat v7.3 file has. Raises BadFile, also for what breaks on reading."""
    named = " or ".join(variables)
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise BadFile(wanted=_FORMAT, found=_other_format(path), variable=named) from None
    with file:
        node = _node(file, variables=variables, named=named)
        try:
            yield node
        except (OSError, RuntimeError) as error:
            raise BadFile(wanted="data that can be read", found=f"a damaged file: {error}", variable=named) from None


def _node(file: h5py.File, *, variables: Sequence[str], named: str) -> h5py.Dataset:
    """The first of `variables`, with a shape and a type that can be read. Raises BadFile."""
    try:
        node = next((file.get(name) for name in variables if name in file), None)
        if not isinstance(node, h5py.Dataset):
            names = ", ".join(sorted(name for name in file if not name.startswith("#"))) or "nothing"
            raise BadFile(wanted=f"variable {named}", found=names)
        shape, _ = node.shape, node.dtype
    # where names and types lie, damage is told as any of these
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise BadFile(wanted="data that can be read", found=f"a damaged file: {error}", variable=named) from None
    if shape is None:
        raise BadFile(wanted="data", found="an empty array", variable=named)
    return node


def _other_format(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(max(_BEFORE) + len(_SIGNATURE))
    if not head:
        # a download that never began
        return "an empty file, 0 bytes"
    if any(head[start : start + len(_SIGNATURE)] == _SIGNATURE for start in _BEFORE):
        return f"a damaged or truncated one of {path.stat().st_size} bytes"
    if head[:10] == b"MATLAB 5.0":
        return "another format: MATLAB v7 or older, save it with -v7.3"
    return "another format, or a damaged file"


def as_complex(values: NDArray[Any]) -> NDArray[np.complex128]:
    """MATLAB's {real, imag} pairs as complex numbers."""
    numbers = np.empty(values.shape, dtype=np.complex128)
    numbers.real, numbers.imag = values["real"], values["imag"]
    return numbers


@dataclass(frozen=True, kw_only=True)
class KSpace:
    """An open array whose stored axes are `axes`, or end with them where axes of length 1 were dropped."""

    data: h5py.Dataset
    axes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(t, slice, coil, ky, kx), 1 for an axis that is not stored."""
        sizes = dict(zip(reversed(self.axes), reversed(self.data.shape), strict=False))
        t, slices, coils, ky, kx = (int(sizes.get(axis, 1)) for axis in ALL_AXES)
        return t, slices, coils, ky, kx

    @property
    def _stored(self) -> tuple[str, ...]:
        """The axes that are there."""
        return self.axes[len(self.axes) - self.data.ndim :]

    def plane(self, *, frame: int, slice_number: int) -> NDArray[np.complex128]:
        """(coil, ky, kx)"""
        at = {"t": frame, "slice": slice_number}
        values = as_complex(self.data[tuple(at.get(axis, slice(None)) for axis in self._stored)])
        return values if "coil" in self._stored else values[None]

    def pieces(self) -> Iterator[tuple[tuple[slice, ...], NDArray[Any]]]:
        """The whole array, each stored byte read once: where a piece lies, and its {real, imag} pairs.

        Both over (t, slice, coil, ky, kx). A piece is one chunk of the file, or one slice of a frame where it has no chunks.
        """
        for where in self.data.iter_chunks() if self.data.chunks else self._planes():
            found = dict(zip(self._stored, where, strict=True))
            at = tuple(found.get(axis, slice(0, 1)) for axis in ALL_AXES)
            yield at, self.data[where].reshape([one.stop - one.start for one in at])

    def _planes(self) -> Iterator[tuple[slice, ...]]:
        whole = dict(zip(ALL_AXES, self.shape, strict=True))
        for frame, number in product(range(whole["t"]), range(whole["slice"])):
            one = {"t": slice(frame, frame + 1), "slice": slice(number, number + 1)}
            yield tuple(one.get(axis, slice(0, whole[axis])) for axis in self._stored)


@contextmanager
def open_kspace(path: Path, *, variables: Sequence[str], axes: tuple[str, ...], drops_ones: bool) -> Iterator[KSpace]:
    """k-space whose type and axes are right.

    axes: as h5py shows them, the last two being (ky, kx). drops_ones: axes in front may be missing, as MATLAB leaves them
    out at the end of its own order where their length is 1. Raises BadFile.
    """
    with open_array(path, variables=variables) as data:
        name = str(data.name).removeprefix("/")
        described = f"{_counted(len(axes))} ({', '.join(axes)}) as stored, MATLAB's order reversed"
        fields = data.dtype.names
        if fields != ("real", "imag") or any(data.dtype[part] not in _FLOATS for part in fields):
            wanted = "complex numbers, single precision, as {real, imag} of float32 (float64 is read too)"
            kind = f"real numbers, {data.dtype}" if fields is None else str(data.dtype)
            raise BadFile(wanted=wanted, found=kind, variable=name)
        if data.ndim != len(axes) and not (drops_ones and 2 < data.ndim < len(axes)):
            raise BadFile(wanted=described, found=f"{data.ndim} axes, {data.shape}", variable=name)
        if 0 in data.shape:
            raise BadFile(wanted="data", found=f"an empty array, {data.shape}", variable=name)
        kspace = KSpace(data=data, axes=axes)
        t, slices, coils, ky, kx = kspace.shape
        # perfusion may have more frames than lines, but never more than both sides of the matrix
        if min(ky, kx) <= max(slices, coils) or t > max(ky, kx):
            raise BadFile(wanted=described, found=f"{data.shape}: the last two are not the largest", variable=name)
        yield kspace


def _counted(number: int) -> str:
    return f"{('no', 'one', 'two', 'three', 'four', 'five')[number]} axes"
