"""Simulated T1 and T2 mapping scans on the anatomy of the cine phantom, with the true times kept for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.canvas import Canvas, Plane
from evaluators.phantoms.heart import Heart, draw_heart, paint_short_axis, short_axis
from evaluators.phantoms.layout import Place, write_labels, write_times
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.relaxation import ECHO_TIMES, inversion_recovery, inversion_times, t2_prepared
from evaluators.phantoms.scan import FINENESS, Scan, combine_coils, encode
from evaluators.phantoms.signal import Relaxation, Tissue, subject_tissues
from evaluators.phantoms.sizes import CineSize, Weighting
from evaluators.phantoms.torso import FIELD_OF_VIEW, Torso, draw_torso, paint_torso
from evaluators.phantoms.writing import write_measured

#: images are triggered late in diastole, when the heart is quiet
_PHASE = 0.82
#: a pixel counts as one tissue where all others together give less than this share of it
_PURE = 1e-3


@dataclass(frozen=True, kw_only=True)
class MappingScan(Scan):
    """One mapping scan; its frames are the weightings.

    times: (slice, weighting) ms. labels: (slice, y, x) uint8 at the scan's pixels, the challenge's codes of this family:
    1 left ventricle, 2 myocardium, 3 right ventricle. truth: (slice, y, x) float32 ms on the finer grid, T1 or T2 of pixels
    that hold one tissue, 0 elsewhere; for tests alone, it is never written.
    """

    weighting: Weighting
    times: NDArray[np.float32]
    labels: NDArray[np.uint8]
    truth: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class _Subject:
    torso: Torso
    heart: Heart
    tissues: dict[Tissue, Relaxation]


def _subject(*, seed: bytes | int, subject: int) -> _Subject:
    """The same person as in the cine scans of this seed and number."""
    person = stream(seed, "subject", subject)
    torso, heart = draw_torso(person), draw_heart(person)
    return _Subject(torso=torso, heart=heart, tissues=subject_tissues(rng=person)[1])


@dataclass(frozen=True, kw_only=True)
class _Slice:
    """shares: tissue -> how much of it a pixel holds, texture included (y, x). labels: at the scan's pixels."""

    shares: dict[Tissue, Plane]
    labels: NDArray[np.uint8]


def _paint(*, who: _Subject, size: CineSize, seed: bytes | int, subject: int) -> list[_Slice]:
    slices = []
    for index in range(size.slices):
        level = (index + 0.5) / size.slices
        breath = stream(seed, "mapping", subject, "slice", index)
        shift = (float(breath.normal(0, 1.5)), float(breath.normal(0, 3.0)))
        shares = {}
        for tissue in Tissue:
            # painting is linear in the tissues' signals: a picture of each alone serves every weighting
            alone = {other: float(other is tissue) for other in Tissue}
            canvas = Canvas(matrix=(FINENESS * size.ny, FINENESS * size.nx), field_of_view=FIELD_OF_VIEW)
            texture = stream(seed, "mapping", subject, "texture", index)
            paint_torso(canvas=canvas, torso=who.torso, signals=alone, level=level, tilt=0.0, rng=texture)
            paint_short_axis(canvas=canvas, heart=who.heart, signals=alone, level=level, phase=_PHASE, shift=shift)
            if canvas.signal.any():
                shares[tissue] = canvas.signal
        slices.append(_Slice(shares=shares, labels=_labels(who=who, size=size, level=level, shift=shift)))
    return slices


def _labels(*, who: _Subject, size: CineSize, level: float, shift: tuple[float, float]) -> NDArray[np.uint8]:
    canvas = Canvas(matrix=(FINENESS * size.ny, FINENESS * size.nx), field_of_view=FIELD_OF_VIEW)
    at = short_axis(heart=who.heart, level=level, phase=_PHASE, shift=shift)
    labels = np.zeros_like(canvas.signal, dtype=np.uint8)
    for code, shape in ((3, at.rv), (2, at.outer), (1, at.pool)):
        labels[canvas.mask(shape) > 0.5] = code
    return np.ascontiguousarray(labels[::FINENESS, ::FINENESS])


def _true_times(one: _Slice, *, who: _Subject, weighting: Weighting) -> Plane:
    whole: Plane = np.abs(np.stack(list(one.shares.values()))).sum(axis=0)
    truth: Plane = np.zeros_like(whole)
    for tissue, share in one.shares.items():
        value = who.tissues[tissue].t1 if weighting is Weighting.T1 else who.tissues[tissue].t2
        truth[(np.abs(share) > (1 - _PURE) * whole) & (whole > 0)] = value
    return truth


def simulate_mapping(
    *, seed: bytes | int, subject: int, size: CineSize, weightings: tuple[Weighting, ...] = tuple(Weighting)
) -> dict[Weighting, MappingScan]:
    """One subject's mapping scans in memory, without noise; `acquire` adds noise and undersampling. size.frames is not used.

    Short-axis slices of the same person as simulate_subject's; T1 and T2 share the slices. (seed, subject, weighting) fix all
    that is random.
    """
    who = _subject(seed=seed, subject=subject)
    slices = _paint(who=who, size=size, seed=seed, subject=subject)
    scans = {}
    for weighting in weightings:
        rng = stream(seed, "mapping", subject, weighting)
        drive, beat = float(rng.uniform(0.5e-4, 1.5e-4)), float(rng.uniform(750, 1100))
        if weighting is Weighting.T1:
            times = inversion_times(rng=rng, slices=size.slices, beat=beat)
        else:
            times = np.tile(np.array(ECHO_TIMES, dtype=np.float32), (size.slices, 1))
        encoded = encode(
            slices=_weighted(slices, who=who, weighting=weighting, times=times, drive=drive),
            size=replace(size, frames=times.shape[1]),
            rng=stream(seed, "mapping scan", subject, weighting),
        )
        scans[weighting] = MappingScan(
            **encoded.__dict__,
            weighting=weighting,
            times=times,
            labels=np.stack([one.labels for one in slices]),
            truth=np.stack([_true_times(one, who=who, weighting=weighting) for one in slices]),
        )
    return scans


def _weighted(
    slices: list[_Slice], *, who: _Subject, weighting: Weighting, times: NDArray[np.float32], drive: float
) -> Iterator[list[Plane]]:
    for one, row in zip(slices, times, strict=True):
        frames = np.zeros((len(row), *next(iter(one.shares.values())).shape), dtype=np.float32)
        for tissue, share in one.shares.items():
            relaxation = who.tissues[tissue]
            if weighting is Weighting.T1:
                signal = inversion_recovery(tissue=relaxation, times=row, drive=drive)
            else:
                signal = t2_prepared(tissue=relaxation, times=row)
            frames += signal[:, None, None] * share
        yield list(frames)


def write_mapping_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    seed: bytes | int,
    size: CineSize,
    weightings: tuple[Weighting, ...] = tuple(Weighting),
    single_coil: bool = False,
    first: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write `subjects` phantom subjects as `root`/MultiCoil/Mapping/`set_name`/... (SingleCoil where coils are combined).

    Times lie as csv beside every k-space file, labels in SingleCoil's SegmentROI as in the real set. Returns all files.
    """
    paths: list[Path] = []
    for subject in range(first, first + subjects):
        scans = simulate_mapping(seed=seed, subject=subject, size=size, weightings=weightings)
        for weighting, scan in scans.items():
            place = Place(
                root=root, set_name=set_name, subject=subject, family="Mapping", scan=weighting, single=single_coil
            )
            shown = combine_coils(scan) if single_coil else scan
            names = ("single", subject, weighting) if single_coil else (subject, weighting)
            files = write_measured(place=place, scan=shown, seed=seed, names=names)
            files += [write_times(beside=file, times=scan.times) for file in files if file.stem == weighting]
            paths += [*files, write_labels(path=place.labels, labels=scan.labels)]
        if progress is not None:
            progress(f"P{subject:03d} (mapping) written ({subject - first + 1} of {subjects})")
    return paths
