"""Simulated multi-coil cine scans in CMRxRecon 2023's layout: a beating heart in a breathing chest, sampled 4, 8, 10 times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluators.phantoms.canvas import Canvas, Plane
from evaluators.phantoms.heart import draw_heart, paint_short_axis
from evaluators.phantoms.layout import Place
from evaluators.phantoms.long_axis import paint_long_axis, view_of
from evaluators.phantoms.motion import Motion, moments
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.scan import FINENESS, Scan, acquire, combine_coils, encode
from evaluators.phantoms.signal import subject_signals
from evaluators.phantoms.sizes import ACCELERATIONS, DEMO, FULL, CineSize, View
from evaluators.phantoms.torso import FIELD_OF_VIEW, draw_torso, paint_torso
from evaluators.phantoms.writing import write_measured

__all__ = [
    "ACCELERATIONS",
    "DEMO",
    "FINENESS",
    "FULL",
    "CineScan",
    "CineSize",
    "Motion",
    "View",
    "acquire",
    "encode_scan",
    "simulate_subject",
    "write_cine_set",
    "write_scan",
]


@dataclass(frozen=True, kw_only=True)
class CineScan(Scan):
    """One view of one subject, before noise and undersampling; frames are cardiac phases."""

    view: View


def encode_scan(*, view: View, slices: Iterator[list[Plane]], size: CineSize, rng: np.random.Generator) -> CineScan:
    """`encode` for one view. slices: for each slice its frames (y, x), magnitude."""
    return CineScan(**encode(slices=slices, size=size, rng=rng).__dict__, view=view)


def _beating_chest(
    *,
    view: View,
    size: CineSize,
    person: np.random.Generator,
    rng: np.random.Generator,
    motion: Motion,
    unrest: np.random.Generator,
) -> Iterator[list[Plane]]:
    """The painted frames (y, x) of each slice of one view; `person` draws what all views of a subject share."""
    torso, heart, signals = draw_torso(person), draw_heart(person), subject_signals(rng=person)
    for index in range(size.slices):
        canvas = Canvas(matrix=(FINENESS * size.ny, FINENESS * size.nx), field_of_view=FIELD_OF_VIEW)
        level = (index + 0.5) / size.slices if view is View.SAX else 0.45
        # each slice is a breath-hold of its own, never at quite the same depth
        shift = (float(rng.normal(0, 1.5)), float(rng.normal(0, 3.0)))
        tilt = 0.0 if view is View.SAX else 0.5 * view_of(index)
        paint_torso(canvas=canvas, torso=torso, signals=signals, level=level, tilt=tilt, rng=rng)
        frames = []
        for at in moments(motion=motion, frames=size.frames, shift=shift, rng=unrest):
            moment = canvas.copy()
            if view is View.SAX:
                paint_short_axis(
                    canvas=moment,
                    heart=heart,
                    signals=signals,
                    level=level + at.along,
                    phase=at.phase,
                    shift=at.shift,
                )
            else:
                paint_long_axis(
                    canvas=moment,
                    heart=heart,
                    signals=signals,
                    chambers=view_of(index),
                    phase=at.phase,
                    shift=at.shift,
                )
            frames.append(moment.signal)
        yield frames


def simulate_subject(
    *,
    seed: bytes | int,
    subject: int,
    size: CineSize,
    views: tuple[View, ...] = (View.SAX, View.LAX),
    motion: Motion = Motion.BREATH_HOLD,
) -> dict[View, CineScan]:
    """One subject's scans in memory, without noise; `acquire` adds noise and undersampling.

    (seed, subject, view) fix all that is random: other subjects, views and calls change nothing.
    """
    scans = {}
    for view in views:
        person, rng = stream(seed, "subject", subject), stream(seed, "subject", subject, "view", view)
        unrest = stream(seed, "motion", subject, view)
        slices = _beating_chest(view=view, size=size, person=person, rng=rng, motion=motion, unrest=unrest)
        scans[view] = encode_scan(view=view, slices=slices, size=size, rng=stream(seed, "scan", subject, view))
    return scans


def write_scan(
    *, root: Path, set_name: str, subject: int, scan: CineScan, seed: bytes | int, single_coil: bool = False
) -> list[Path]:
    """Write one scan's reference, its three undersampled files and their masks; noise is independent in each."""
    place = Place(
        root=root, set_name=set_name, subject=subject, family="Cine", scan=f"cine_{scan.view}", single=single_coil
    )
    if single_coil:
        return write_measured(place=place, scan=combine_coils(scan), seed=seed, names=("single", subject, scan.view))
    return write_measured(place=place, scan=scan, seed=seed, names=(subject, scan.view))


def write_cine_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    seed: bytes | int,
    size: CineSize,
    first: int = 1,
    motion: Motion = Motion.BREATH_HOLD,
    single_coil: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write `subjects` phantom subjects, numbered from `first`, as `root`/MultiCoil/Cine/`set_name`/... (or SingleCoil).

    Each subject depends on (seed, its number) alone, so a set can be made in parts. A hidden set's seed is bytes that nobody
    outside can guess. `progress` hears one line a subject. Returns all files written.
    """
    paths: list[Path] = []
    for subject in range(first, first + subjects):
        for scan in simulate_subject(seed=seed, subject=subject, size=size, motion=motion).values():
            paths += write_scan(
                root=root, set_name=set_name, subject=subject, scan=scan, seed=seed, single_coil=single_coil
            )
        if progress is not None:
            progress(f"P{subject:03d} written ({subject - first + 1} of {subjects})")
    return paths
