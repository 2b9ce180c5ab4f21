"""The beating heart: its motion over the cardiac cycle and its short-axis picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, pi, sin, sqrt

import numpy as np

from evaluators.phantoms.canvas import Canvas, Ellipse, Plane, Ripple
from evaluators.phantoms.signal import Tissue


@dataclass(frozen=True, kw_only=True)
class Heart:
    """One subject's heart; lengths in millimetres, angles in radians, fractions of 1."""

    x: float
    y: float
    turn: float  # where the right ventricle lies, seen from the left one
    endo: float  # radius of the left ventricle's cavity at end-diastole, mid-ventricle
    wall: float
    length: float  # base to apex at end-diastole
    shortening: float  # of the endocardial radius
    descent: float  # of the valve plane
    twist: float
    systole: float  # share of the cycle
    kick: float  # share of the filling that the atria add
    papillary: tuple[float, float]
    trabeculae: tuple[Ripple, ...]
    strands: tuple[tuple[float, float, float], ...]  # (angle, depth, radius) of free trabeculae
    fat: float
    grain: tuple[Ripple, ...]  # texture that moves with the muscle
    flow: float  # how uneven blood is


def draw_heart(rng: np.random.Generator) -> Heart:
    """A random adult heart: ejection fraction about 45 to 70 %."""
    ripples = tuple(
        Ripple(order=int(order), height=rng.normal(0, 0.022), phase=rng.uniform(0, 2 * pi))
        for order in (2, 3, 5, 7, 9, 12, 16)
    )
    grain = tuple(
        Ripple(order=int(rng.integers(1, 9)), height=rng.normal(0, 0.05), phase=rng.uniform(0, 2 * pi))
        for _ in range(6)
    )
    return Heart(
        x=rng.uniform(12, 40),
        y=rng.uniform(-26, -4),
        turn=rng.uniform(2.9, 3.7),
        endo=rng.uniform(20, 27),
        wall=rng.uniform(7.5, 12),
        length=rng.uniform(78, 98),
        shortening=rng.uniform(0.22, 0.4),
        descent=rng.uniform(9, 16),
        twist=rng.uniform(0.1, 0.3),
        systole=rng.uniform(0.3, 0.45),
        kick=rng.uniform(0.1, 0.3),
        papillary=(rng.uniform(0.5, 1.1), rng.uniform(2.2, 2.9)),
        trabeculae=ripples,
        strands=tuple((rng.uniform(0, 2 * pi), rng.uniform(0.72, 0.95), rng.uniform(1.0, 2.2)) for _ in range(11)),
        fat=rng.uniform(2.5, 8),
        grain=grain,
        flow=rng.uniform(0.04, 0.12),
    )


def _step(value: float) -> float:
    held = min(max(value, 0.0), 1.0)
    return held * held * (3 - 2 * held)


def contraction(*, heart: Heart, phase: float) -> float:
    """How far the ventricles are contracted at `phase` (0 to 1 of the cycle): 0 end-diastole, 1 end-systole."""
    squeeze = _step(phase / heart.systole)
    early = (1 - heart.kick) * _step((phase - heart.systole) / 0.28)
    late = heart.kick * _step((phase - 0.85) / 0.14)
    return squeeze - early - late


@dataclass(frozen=True, kw_only=True)
class LeftVentricle:
    """Radii of the cavity and of the outer surface at one phase, in millimetres."""

    endo: float
    epi: float
    twist: float


def left_ventricle(*, heart: Heart, squeeze: float, taper: float) -> LeftVentricle:
    """The muscle keeps its volume: its cross-section grows by what the ventricle loses in length."""
    endo = heart.endo * taper * (1 - heart.shortening * squeeze)
    rest = heart.endo * taper
    muscle = (rest + heart.wall) ** 2 - rest**2
    longer = 1 / (1 - heart.descent / heart.length * squeeze)
    return LeftVentricle(endo=endo, epi=sqrt(endo**2 + muscle * longer), twist=heart.twist * squeeze)


@dataclass(frozen=True, kw_only=True)
class ShortAxis:
    """Where both ventricles lie in one short-axis slice at one moment."""

    lv: LeftVentricle
    squeeze: float
    x: float
    y: float
    #: blood of the left ventricle, papillary muscles included
    pool: Ellipse
    #: outer surface of the left ventricle
    outer: Ellipse
    #: blood of the right ventricle
    rv: Ellipse


def short_axis(*, heart: Heart, level: float, phase: float, shift: tuple[float, float]) -> ShortAxis:
    """Outlines at `level` (0 base, 1 apex) and cardiac `phase`, moved by `shift` (x, y in mm)."""
    squeeze = contraction(heart=heart, phase=phase)
    taper = sqrt(1 - (0.88 * level) ** 2)
    lv = left_ventricle(heart=heart, squeeze=squeeze, taper=taper)
    x, y = heart.x + shift[0] - 2.5 * squeeze, heart.y + shift[1] + 2.0 * squeeze
    rv_a, rv_b = 24 * taper * (1 - 0.28 * squeeze), 33 * taper * (1 - 0.15 * squeeze)
    reach = lv.epi + 0.35 * rv_a
    rv = Ellipse(
        x=x + reach * cos(heart.turn),
        y=y + reach * sin(heart.turn),
        a=rv_a,
        b=rv_b,
        angle=heart.turn,
        ripples=(Ripple(order=3, height=0.05, phase=0.4), Ripple(order=11, height=0.025, phase=1.3)),
    )
    roughness = 1 + 1.2 * squeeze
    waves = tuple(
        Ripple(order=wave.order, height=wave.height * roughness, phase=wave.phase) for wave in heart.trabeculae
    )
    pool = Ellipse(x=x, y=y, a=lv.endo, b=lv.endo * 1.04, angle=heart.turn + lv.twist, ripples=waves)
    outer = Ellipse(x=x, y=y, a=lv.epi, b=lv.epi * 1.03, angle=heart.turn)
    return ShortAxis(lv=lv, squeeze=squeeze, x=x, y=y, pool=pool, outer=outer, rv=rv)


def paint_short_axis(
    *,
    canvas: Canvas,
    heart: Heart,
    signals: dict[Tissue, float],
    level: float,
    phase: float,
    shift: tuple[float, float],
) -> None:
    """Paint both ventricles at `level` (0 base, 1 apex) and cardiac `phase`, moved by `shift` (x, y in mm)."""
    at = short_axis(heart=heart, level=level, phase=phase, shift=shift)
    lv, x, y, rv, outer = at.lv, at.x, at.y, at.rv, at.outer
    for shape in (rv.grown(4 + heart.fat), outer.grown(heart.fat)):
        canvas.paint(shape.grown(1.4), 0.15 * signals[Tissue.MUSCLE])
        canvas.paint(shape, signals[Tissue.FAT])
    muscle = muscle_signal(canvas=canvas, heart=heart, lv=lv, x=x, y=y, value=signals[Tissue.MYOCARDIUM])
    canvas.paint(rv.grown(3.4), muscle)
    canvas.paint(rv, blood_signal(canvas=canvas, heart=heart, phase=phase, value=0.97 * signals[Tissue.BLOOD]))
    for angle, depth, radius in heart.strands[:7]:
        # the free wall alone carries trabeculae, the septum is smooth
        across = 0.45 * cos(angle) + 0.35
        strand = Ellipse(
            x=rv.x + depth * across * rv.a * cos(rv.angle) - 0.8 * rv.b * sin(angle) * sin(rv.angle),
            y=rv.y + depth * across * rv.a * sin(rv.angle) + 0.8 * rv.b * sin(angle) * cos(rv.angle),
            a=radius * 2.4,
            b=radius,
            angle=angle,
        )
        canvas.paint(strand, signals[Tissue.MYOCARDIUM], opacity=0.85)
    canvas.paint(outer, muscle)
    _cavity(canvas=canvas, heart=heart, at=at, phase=phase, signals=signals)
    for side in (-0.9, 0.9):
        groove = heart.turn + side
        vessel = Ellipse(x=x + (lv.epi + 3) * cos(groove), y=y + (lv.epi + 3) * sin(groove), a=1.9, b=1.6)
        canvas.paint(vessel, signals[Tissue.BLOOD])


def _cavity(*, canvas: Canvas, heart: Heart, at: ShortAxis, phase: float, signals: dict[Tissue, float]) -> None:
    lv, x, y, squeeze = at.lv, at.x, at.y, at.squeeze
    canvas.paint(at.pool, blood_signal(canvas=canvas, heart=heart, phase=phase, value=signals[Tissue.BLOOD]))
    for angle in heart.papillary:
        around = angle + lv.twist
        size = 0.17 * heart.endo * (1 + 0.2 * squeeze)
        muscle = Ellipse(
            x=x + 0.64 * lv.endo * cos(around),
            y=y + 0.64 * lv.endo * sin(around),
            a=size * 1.25,
            b=size,
            angle=around,
        )
        canvas.paint(muscle, signals[Tissue.MYOCARDIUM])
    for angle, depth, radius in heart.strands:
        around = angle + lv.twist
        strand = Ellipse(
            x=x + depth * lv.endo * cos(around),
            y=y + depth * lv.endo * sin(around),
            a=radius * 1.6,
            b=radius,
            angle=around + pi / 2,
        )
        canvas.paint(strand, signals[Tissue.MYOCARDIUM], opacity=0.8)


def muscle_signal(*, canvas: Canvas, heart: Heart, lv: LeftVentricle, x: float, y: float, value: float) -> Plane:
    """Myocardium's signal (y, x): a texture fixed to the muscle, which turns and thickens with it."""
    dx, dy = canvas.x[None, :] - np.float32(x), canvas.y[:, None] - np.float32(y)
    theta = np.arctan2(dy, dx) - np.float32(heart.turn + lv.twist)
    depth = (np.hypot(dx, dy) - np.float32(lv.endo)) / np.float32(lv.epi - lv.endo)
    picture = np.ones_like(canvas.signal)
    for index, wave in enumerate(heart.grain):
        picture += np.float32(wave.height) * np.cos(
            wave.order * theta + np.float32((index % 3) * 2.2) * depth + wave.phase
        )
    return (np.float32(value) * picture).astype(np.float32)


def blood_signal(*, canvas: Canvas, heart: Heart, phase: float, value: float) -> Plane:
    """Blood's signal (y, x): uneven where it streams, and the stream wanders with the cycle."""
    along = np.cos(
        np.float32(0.09) * canvas.x[None, :] + np.float32(0.13) * canvas.y[:, None] - np.float32(4 * pi * phase)
    )
    across = np.cos(
        np.float32(0.21) * canvas.x[None, :] - np.float32(0.17) * canvas.y[:, None] + np.float32(2 * pi * phase)
    )
    fast = hypot(sin(2 * pi * phase), 0.3)
    return (np.float32(value) * (1 + np.float32(heart.flow * fast) * (along + np.float32(0.6) * across))).astype(
        np.float32
    )
