"""How the heart moves through the frames of a cine: in a breath-hold, in free breathing, with irregular beats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import pi, sin

import numpy as np


class Motion(StrEnum):
    """What disturbs a cine scan; the value is the stratum's."""

    BREATH_HOLD = "breath-hold"
    FREE_BREATHING = "free-breathing"
    ARRHYTHMIA = "arrhythmia"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One frame: cardiac phase (0 to 1), shift of the heart in the plane (mm), and along its axis (share of its length)."""

    phase: float
    shift: tuple[float, float]
    along: float


def moments(*, motion: Motion, frames: int, shift: tuple[float, float], rng: np.random.Generator) -> list[Moment]:
    """The frames of one slice whose breath-hold lies at `shift`. rng is not touched in a breath-hold.

    Free breathing: the diaphragm moves by 8 to 16 mm in a third to a half of a breath, the heart by about two thirds of that.
    Arrhythmia: one premature beat a cycle, so that frames jump from early filling to end-diastole; each slice another beat.
    """
    even = [frame / frames for frame in range(frames)]
    if motion is Motion.BREATH_HOLD:
        return [Moment(phase=phase, shift=shift, along=0.0) for phase in even]
    if motion is Motion.ARRHYTHMIA:
        cut, lag = rng.uniform(0.55, 0.75), rng.uniform(0.5, 0.7)
        jitter = rng.normal(0, 0.015, frames)
        return [
            Moment(phase=_irregular(at, cut=cut, lag=lag) + float(noise), shift=shift, along=0.0)
            for at, noise in zip(even, np.clip(jitter, 0, None), strict=True)
        ]
    depth, start, share = rng.uniform(8, 16), rng.uniform(0, 1), rng.uniform(0.3, 0.5)
    tremor = rng.normal(0, 0.3, (frames, 2))
    found = []
    for at, (tx, ty) in zip(even, tremor, strict=True):
        breath = depth * sin(pi * (start + share * at)) ** 2
        moved = (shift[0] + 0.15 * breath + float(tx), shift[1] + 0.65 * breath + float(ty))
        found.append(Moment(phase=at, shift=moved, along=0.003 * breath))
    return found


def _irregular(at: float, *, cut: float, lag: float) -> float:
    """Phase at a share of the nominal cycle: the first beat breaks off at `cut`, the next runs slower by `lag`."""
    return at if at < cut else (at - cut) / (1 - cut) * lag
