"""Long-axis pictures of the heart: four, two and three chambers, with the valve plane moving along the axis."""

from __future__ import annotations

from enum import IntEnum
from math import cos, sin

import numpy as np

from evaluators.phantoms.canvas import Canvas, Ellipse, Plane, Ripple
from evaluators.phantoms.heart import Heart, blood_signal, contraction, left_ventricle, muscle_signal
from evaluators.phantoms.signal import Tissue


class Chambers(IntEnum):
    """Which long-axis view a slice is."""

    FOUR = 0
    TWO = 1
    THREE = 2


def view_of(slice_number: int) -> Chambers:
    """Views follow each other in the order of Chambers."""
    return Chambers(slice_number % 3)


class _Axis:
    """The heart's own frame: s along the axis (0 at the valve plane of end-diastole, positive to the apex), n across."""

    def __init__(self, *, heart: Heart, chambers: Chambers, shift: tuple[float, float]) -> None:
        self.angle = 0.4 + 0.3 * chambers + 0.4 * (heart.turn - 3.3)
        self.x = heart.x + shift[0] - 0.18 * heart.length * cos(self.angle)
        self.y = heart.y + shift[1] + 8 - 0.18 * heart.length * sin(self.angle)

    def ellipse(self, *, s: float, n: float, along: float, across: float, ripples: tuple[Ripple, ...] = ()) -> Ellipse:
        """An ellipse given in the heart's frame."""
        c, sine = cos(self.angle), sin(self.angle)
        return Ellipse(
            x=self.x + s * c - n * sine,
            y=self.y + s * sine + n * c,
            a=along,
            b=across,
            angle=self.angle,
            ripples=ripples,
        )

    def beyond(self, *, canvas: Canvas, s: float) -> Plane:
        """Cover (y, x) of everything on the apex side of s."""
        along = (canvas.x[None, :] - self.x) * cos(self.angle) + (canvas.y[:, None] - self.y) * sin(self.angle)
        return np.clip((along - s) / canvas.edge + 0.5, 0, 1).astype(np.float32)


def paint_long_axis(
    *,
    canvas: Canvas,
    heart: Heart,
    signals: dict[Tissue, float],
    chambers: Chambers,
    phase: float,
    shift: tuple[float, float],
) -> None:
    """Paint the chambers of one view at cardiac `phase`, moved by `shift` (x, y in millimetres)."""
    squeeze = contraction(heart=heart, phase=phase)
    lv = left_ventricle(heart=heart, squeeze=squeeze, taper=1.0)
    axis = _Axis(heart=heart, chambers=chambers, shift=shift)
    valve = heart.descent * squeeze
    apex = heart.length - 1.5 * squeeze
    below = axis.beyond(canvas=canvas, s=valve)
    wall = lv.epi - lv.endo
    blood = blood_signal(canvas=canvas, heart=heart, phase=phase, value=signals[Tissue.BLOOD])
    muscle = muscle_signal(canvas=canvas, heart=heart, lv=lv, x=axis.x, y=axis.y, value=signals[Tissue.MYOCARDIUM])

    _pericardium(canvas=canvas, axis=axis, heart=heart, signals=signals, chambers=chambers, epi=lv.epi)
    if chambers == Chambers.FOUR:
        _right_side(canvas=canvas, axis=axis, heart=heart, signals=signals, squeeze=squeeze, epi=lv.epi, blood=blood)
    if chambers == Chambers.THREE:
        root = axis.ellipse(s=valve - 16, n=-0.55 * lv.epi, along=24, across=12 + 1.2 * squeeze)
        canvas.paint(root.grown(2), signals[Tissue.MYOCARDIUM])
        canvas.paint(root, blood)
        outflow = axis.ellipse(s=12, n=-lv.epi - 9, along=30 - 5 * squeeze, across=11 - 2.5 * squeeze)
        canvas.paint(outflow.grown(3.2), muscle)
        canvas.paint(outflow, blood)

    atrium = axis.ellipse(
        s=valve - 22 - 3 * squeeze,
        n=0.25 * lv.epi if chambers == Chambers.THREE else 2,
        along=22 + 5 * squeeze,
        across=19 + 4 * squeeze,
        ripples=(Ripple(order=3, height=0.05, phase=0.7),),
    )
    canvas.paint(atrium.grown(2), signals[Tissue.MYOCARDIUM])
    canvas.paint(atrium, blood)
    canvas.paint(axis.ellipse(s=0, n=0, along=apex + 0.55 * wall, across=lv.epi), muscle, within=below)
    rough = tuple(Ripple(order=w.order, height=w.height * (1 + squeeze), phase=w.phase) for w in heart.trabeculae)
    canvas.paint(axis.ellipse(s=0, n=0, along=apex - 0.25 * wall, across=lv.endo, ripples=rough), blood, within=below)
    _inside(canvas=canvas, axis=axis, heart=heart, signals=signals, squeeze=squeeze, endo=lv.endo, valve=valve)


def _pericardium(
    *, canvas: Canvas, axis: _Axis, heart: Heart, signals: dict[Tissue, float], chambers: Chambers, epi: float
) -> None:
    ventricles = [axis.ellipse(s=2, n=0, along=heart.length + 4, across=epi)]
    bases = [axis.ellipse(s=-20, n=2, along=26, across=22)]
    if chambers is Chambers.FOUR:
        ventricles.append(axis.ellipse(s=2, n=-epi - 6, along=0.84 * heart.length, across=24))
        bases.append(axis.ellipse(s=-20, n=-epi - 8, along=26, across=21))
    if chambers is Chambers.THREE:
        bases.append(axis.ellipse(s=8, n=-epi - 8, along=34, across=14))
    below = axis.beyond(canvas=canvas, s=-8)
    for extra, value in ((1.4, 0.15 * signals[Tissue.MUSCLE]), (0.0, signals[Tissue.FAT])):
        for sac in ventricles:
            canvas.paint(sac.grown(0.6 * heart.fat + extra), value, within=below)
        for sac in bases:
            canvas.paint(sac.grown(0.6 * heart.fat + extra), value)


def _right_side(
    *,
    canvas: Canvas,
    axis: _Axis,
    heart: Heart,
    signals: dict[Tissue, float],
    squeeze: float,
    epi: float,
    blood: Plane,
) -> None:
    valve = 1.4 * heart.descent * squeeze
    below = axis.beyond(canvas=canvas, s=valve)
    across = 22 * (1 - 0.25 * squeeze)
    ventricle = axis.ellipse(s=0, n=-epi - 0.4 * across, along=0.82 * heart.length, across=across)
    canvas.paint(ventricle.grown(3.4), signals[Tissue.MYOCARDIUM], within=below)
    canvas.paint(ventricle, 0.97 * blood, within=below)
    band = axis.ellipse(s=0.55 * heart.length, n=-epi - 0.4 * across, along=3, across=0.7 * across)
    canvas.paint(band, signals[Tissue.MYOCARDIUM], within=below, opacity=0.85)
    atrium = axis.ellipse(s=valve - 22, n=-epi - 8, along=23 + 4 * squeeze, across=19 + 3 * squeeze)
    canvas.paint(atrium.grown(2), signals[Tissue.MYOCARDIUM])
    canvas.paint(atrium, 0.95 * blood)


def _inside(
    *,
    canvas: Canvas,
    axis: _Axis,
    heart: Heart,
    signals: dict[Tissue, float],
    squeeze: float,
    endo: float,
    valve: float,
) -> None:
    opening = 0.75 * (1 - min(1.0, 2.5 * squeeze))
    for side in (-1, 1):
        leaf = axis.ellipse(
            s=valve + 6 * opening + 1, n=side * (0.45 + 0.3 * opening) * endo, along=1.3, across=0.45 * endo
        )
        tilted = Ellipse(x=leaf.x, y=leaf.y, a=leaf.a, b=leaf.b, angle=leaf.angle - side * opening)
        canvas.paint(tilted, signals[Tissue.MYOCARDIUM])
        papillary = axis.ellipse(
            s=0.58 * heart.length + 0.3 * valve, n=side * 0.58 * endo, along=13 - 2 * squeeze, across=0.15 * heart.endo
        )
        canvas.paint(papillary, signals[Tissue.MYOCARDIUM])
    for angle, depth, radius in heart.strands:
        # cos(angle) spreads the strands from the middle of the ventricle to its apex
        s = valve + (0.55 + 0.2 * cos(angle)) * heart.length
        half = endo * (max(0.0, 1 - (s / heart.length) ** 2)) ** 0.5
        strand = axis.ellipse(s=s, n=depth * half * (1 if sin(angle) > 0 else -1), along=radius * 2.2, across=radius)
        canvas.paint(strand, signals[Tissue.MYOCARDIUM], opacity=0.8)
