"""What must stand inside the files of a scan: variables, types, shapes, masks, times, labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.importers.kspace import open_kspace
from evaluators.importers.layout import Layout
from evaluators.importers.mask import read_mask
from evaluators.importers.nifti import read_labels
from evaluators.importers.problems import BadFile, Problem
from evaluators.importers.samples import Points, check_samples
from evaluators.importers.times import read_times
from evaluators.importers.tree import Sampled, Scan

Shape = tuple[int, int, int, int, int]
_Found = TypeVar("_Found")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A scan's problems, and what could be read: shape (t, slice, coil, ky, kx), times (slice, t), labels (x, y, slice)."""

    problems: list[Problem]
    shape: Shape | None
    times: NDArray[np.float32] | None
    labels: NDArray[np.uint8] | None


class _Notes:
    """Looks into files, one after another, and notes what is bad."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def look(self, path: str | None, into: Callable[[Path], _Found]) -> _Found | None:
        """None for a bad file, and for one that is not there: the tree has reported that."""
        if path is None or not (self.root / path).is_file():
            return None
        try:
            return into(self.root / path)
        except BadFile as bad:
            self.problems.append(bad.at(path))
            return None


def check_scan(*, root: Path, layout: Layout, scan: Scan) -> Checked:
    """Look into every file of a scan, and at every sample of it."""
    notes = _Notes(root)
    shape = notes.look(scan.full, lambda path: _kspace(path, layout=layout, scan=scan, shape=None))
    times = labels = None
    if shape is not None:
        frames, slices, _, ny, nx = shape
        if scan.times is not None:
            kind = scan.family.times[scan.name]
            times = notes.look(scan.times, lambda path: read_times(path, times=kind, frames=frames, slices=slices))
        codes = scan.family.labels
        labels = notes.look(scan.labels, lambda path: read_labels(path, codes=codes, shape=(nx, ny, slices)))
    for one in scan.sampled:
        _check_sampled(notes, layout=layout, scan=scan, one=one, shape=shape, times=times)
    return Checked(problems=notes.problems, shape=shape, times=times, labels=labels)


def _check_sampled(
    notes: _Notes,
    *,
    layout: Layout,
    scan: Scan,
    one: Sampled,
    shape: Shape | None,
    times: NDArray[np.float32] | None,
) -> None:
    def mask_of(path: Path) -> Points:
        return read_mask(
            path, variable=one.mask_variable, pattern=one.pattern, factor=one.factor, acs=layout.acs, shape=shape
        )

    points = notes.look(one.mask, mask_of)
    notes.look(
        one.kspace, lambda path: _kspace(path, layout=layout, scan=scan, shape=shape, sampled=one, points=points)
    )
    if times is not None and one.times is not None:
        kind = scan.family.times[scan.name]
        frames, slices = times.shape[1], times.shape[0]
        own = notes.look(one.times, lambda path: read_times(path, times=kind, frames=frames, slices=slices))
        if own is not None and not np.array_equal(own, times):
            wanted = f"the times of {scan.times}"
            notes.problems.append(Problem(path=one.times, wanted=wanted, found="others"))


def _kspace(
    path: Path,
    *,
    layout: Layout,
    scan: Scan,
    shape: Shape | None,
    sampled: Sampled | None = None,
    points: Points | None = None,
) -> Shape:
    """(t, slice, coil, ky, kx) of a file all of whose samples are good. shape: what it must be. Raises BadFile.

    points: where it may have samples, (frame, ky, kx); None: anywhere.
    """
    variables = layout.full_variables if sampled is None else (sampled.kspace_variable,)
    axes = layout.axes_of(scan.family)
    with open_kspace(path, variables=variables, axes=axes, drops_ones=layout.drops_ones) as kspace:
        name = str(kspace.data.name).removeprefix("/")
        if shape is not None and kspace.shape != shape:
            raise BadFile(wanted=f"the shape of the full sample, {shape}", found=f"{kspace.shape}", variable=name)
        lines = sampled is None or sampled.pattern.lines
        wanted = ""
        if sampled is not None:
            wanted = f"samples {'on the lines' if lines else 'at the points'} of {Path(sampled.mask).name} alone"
        if shape is None:
            # its mask could not be held against a full sample
            points = None
        check_samples(kspace, mask=points, lines=lines, wanted=wanted)
        return kspace.shape
