"""The chest around the heart, at rest during one breath-hold: skin, fat, muscle, bones, lungs, liver, great vessels."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from evaluators.phantoms.canvas import Canvas, Ellipse, Plane, Ripple
from evaluators.phantoms.signal import Tissue

FIELD_OF_VIEW = (400.0, 300.0)  # millimetres, x (left-right, readout) and y (front-back, phase encoding)


@dataclass(frozen=True, kw_only=True)
class Torso:
    """One subject's chest; lengths in millimetres."""

    half_width: float
    half_depth: float
    fat: float
    muscle: float
    diaphragm: float  # height of the liver's dome, differs between breath-holds
    ripples: tuple[Ripple, ...]
    lung_tone: float
    texture: float


def draw_torso(rng: np.random.Generator) -> Torso:
    """A random adult chest."""
    waves = tuple(
        Ripple(order=order, height=rng.normal(0, 0.02), phase=rng.uniform(0, 2 * pi)) for order in (2, 3, 4, 5)
    )
    return Torso(
        half_width=rng.uniform(150, 182),
        half_depth=rng.uniform(100, 126),
        fat=rng.uniform(7, 24),
        muscle=rng.uniform(11, 17),
        diaphragm=rng.uniform(-18, 18),
        ripples=waves,
        lung_tone=rng.uniform(0.7, 1.5),
        texture=rng.uniform(0.8, 1.3),
    )


def paint_torso(
    *, canvas: Canvas, torso: Torso, signals: dict[Tissue, float], level: float, tilt: float, rng: np.random.Generator
) -> None:
    """Paint the chest at `level` (0 base of the heart, 1 apex), narrowed by `tilt` (0 axial, 1 oblique view)."""
    width = torso.half_width * (1 - 0.16 * tilt)
    body = Ellipse(x=0, y=4, a=width, b=torso.half_depth * (1 + 0.06 * tilt), ripples=torso.ripples)
    canvas.paint(body, signals[Tissue.SKIN])
    canvas.paint(body.grown(-2.6), signals[Tissue.FAT])
    wall = body.grown(-2.6 - torso.fat)
    canvas.paint(wall, signals[Tissue.MUSCLE])
    cavity = wall.grown(-torso.muscle)
    inside = canvas.mask(cavity)
    _ribs(canvas=canvas, wall=wall.grown(-torso.muscle / 2), signals=signals, rng=rng)
    canvas.paint(cavity, 0.8 * signals[Tissue.FAT])
    _lungs(canvas=canvas, cavity=cavity, inside=inside, torso=torso, signals=signals, rng=rng)
    _abdomen(canvas=canvas, cavity=cavity, inside=inside, torso=torso, signals=signals, level=level, rng=rng)
    _spine(canvas=canvas, wall=wall, signals=signals, rng=rng)
    _vessels(canvas=canvas, cavity=cavity, signals=signals, rng=rng)
    _texture(canvas=canvas, strength=torso.texture, rng=rng)


def _ribs(*, canvas: Canvas, wall: Ellipse, signals: dict[Tissue, float], rng: np.random.Generator) -> None:
    count = int(rng.integers(15, 21))
    for index in range(count):
        angle = 2 * pi * (index + rng.uniform(0.2, 0.8)) / count
        x, y = wall.x + wall.a * cos(angle), wall.y + wall.b * sin(angle)
        rib = Ellipse(
            x=x, y=y, a=rng.uniform(7, 14), b=rng.uniform(3.8, 5.2), angle=angle + pi / 2 + rng.normal(0, 0.2)
        )
        canvas.paint(rib, signals[Tissue.CORTEX])
        canvas.paint(rib.grown(-1.6), signals[Tissue.MARROW])
        gap = Ellipse(x=0.93 * x, y=0.93 * y, a=rng.uniform(8, 18), b=1.2, angle=angle + pi / 2)
        canvas.paint(gap, signals[Tissue.FAT], opacity=0.8)


def _lungs(
    *,
    canvas: Canvas,
    cavity: Ellipse,
    inside: Plane,
    torso: Torso,
    signals: dict[Tissue, float],
    rng: np.random.Generator,
) -> None:
    tone = torso.lung_tone * signals[Tissue.LUNG]
    for side in (-1, 1):
        lung = Ellipse(
            x=cavity.x + side * 0.56 * cavity.a + rng.normal(0, 3),
            y=cavity.y + rng.normal(-2, 4),
            a=0.43 * cavity.a * rng.uniform(0.95, 1.05),
            b=0.93 * cavity.b * rng.uniform(0.92, 1.02),
            angle=side * rng.uniform(0.05, 0.25),
            ripples=(Ripple(order=3, height=rng.normal(0, 0.05), phase=rng.uniform(0, 2 * pi)),),
        )
        cover = canvas.mask(lung) * inside
        canvas.paint(lung, tone * (1 + 0.35 * canvas.grain(rng=rng, scale=7)), within=inside)
        hilum_x = lung.x - side * 0.7 * lung.a
        for _ in range(70):
            way, off = rng.uniform(0.05, 1), rng.uniform(-1.2, 1.2)
            x = hilum_x + side * way * 1.6 * lung.a * cos(off)
            y = lung.y + way * 1.2 * lung.b * sin(off)
            radius = rng.uniform(0.9, 1.4) + 2.8 * (1 - way) ** 2
            branch = Ellipse(x=x, y=y, a=radius * rng.uniform(1, 6), b=radius, angle=side * off + rng.normal(0, 0.4))
            canvas.paint(branch, signals[Tissue.BLOOD] * rng.uniform(0.5, 1.0), within=cover)


def _abdomen(
    *,
    canvas: Canvas,
    cavity: Ellipse,
    inside: Plane,
    torso: Torso,
    signals: dict[Tissue, float],
    level: float,
    rng: np.random.Generator,
) -> None:
    dome = 55 * level + torso.diaphragm
    if dome > 0:
        liver = Ellipse(
            x=cavity.x - 0.5 * cavity.a,
            y=cavity.y + 0.12 * cavity.b,
            a=18 + 1.1 * dome,
            b=16 + 0.95 * dome,
            angle=rng.normal(-0.3, 0.15),
            ripples=(Ripple(order=2, height=0.08, phase=rng.uniform(0, 2 * pi)),),
        )
        cover = canvas.mask(liver) * inside
        canvas.paint(liver.grown(2.0), 0.6 * signals[Tissue.LUNG], within=inside)
        canvas.paint(liver, signals[Tissue.LIVER], within=inside)
        for _ in range(26):
            radius = rng.uniform(0.9, 3.2)
            vein = Ellipse(
                x=liver.x + liver.a * rng.uniform(-0.8, 0.8),
                y=liver.y + liver.b * rng.uniform(-0.8, 0.8),
                a=radius * rng.uniform(1, 7),
                b=radius,
                angle=rng.uniform(0, pi),
            )
            canvas.paint(vein, signals[Tissue.BLOOD] * rng.uniform(0.6, 0.95), within=cover)
    if dome > 20:
        stomach = Ellipse(x=cavity.x + 0.6 * cavity.a, y=cavity.y + 0.1 * cavity.b, a=12 + 0.4 * dome, b=8 + 0.4 * dome)
        canvas.paint(stomach.grown(3.5), signals[Tissue.MUSCLE], within=inside)
        canvas.paint(stomach, signals[Tissue.STOMACH], within=inside)
        gas = Ellipse(x=stomach.x, y=stomach.y - 0.5 * stomach.b, a=0.7 * stomach.a, b=0.45 * stomach.b)
        canvas.paint(gas, signals[Tissue.AIR], within=inside)
        spleen = Ellipse(x=cavity.x + 0.75 * cavity.a, y=cavity.y + 0.58 * cavity.b, a=24, b=12, angle=-0.7)
        canvas.paint(spleen, signals[Tissue.SPLEEN], within=inside)


def _spine(*, canvas: Canvas, wall: Ellipse, signals: dict[Tissue, float], rng: np.random.Generator) -> None:
    y = wall.y + wall.b - rng.uniform(54, 60)
    for side in (-1, 1):
        muscle = Ellipse(x=side * 31, y=y + 34, a=25, b=15, angle=side * -0.15)
        canvas.paint(muscle.grown(1.5), signals[Tissue.FAT])
        canvas.paint(muscle, signals[Tissue.MUSCLE])
        for streak in range(5):
            line = Ellipse(
                x=side * (16 + 7 * streak), y=y + 33 + rng.normal(0, 3), a=8, b=0.8, angle=rng.uniform(0, pi)
            )
            canvas.paint(line, signals[Tissue.FAT], opacity=0.7)
        process = Ellipse(x=side * 21, y=y + 17, a=15, b=5, angle=side * 0.5)
        canvas.paint(process, signals[Tissue.CORTEX])
        canvas.paint(process.grown(-1.8), signals[Tissue.MARROW])
    body = Ellipse(x=0, y=y, a=rng.uniform(18, 22), b=rng.uniform(15, 18))
    canvas.paint(body, signals[Tissue.CORTEX])
    canvas.paint(body.grown(-1.8), signals[Tissue.MARROW])
    canvas.paint(Ellipse(x=0, y=y + 7, a=2.2, b=7), signals[Tissue.BLOOD], opacity=0.6)
    thorn = Ellipse(x=0, y=y + 41, a=3.8, b=15)
    canvas.paint(thorn, signals[Tissue.CORTEX])
    canvas.paint(thorn.grown(-1.6), signals[Tissue.MARROW])
    canal = Ellipse(x=0, y=y + 23, a=11, b=9)
    canvas.paint(canal.grown(2.4), signals[Tissue.CORTEX])
    canvas.paint(canal, signals[Tissue.FLUID])
    canvas.paint(Ellipse(x=0, y=y + 23.5, a=5.6, b=4.2), signals[Tissue.CORD])


def _vessels(*, canvas: Canvas, cavity: Ellipse, signals: dict[Tissue, float], rng: np.random.Generator) -> None:
    back = cavity.y + cavity.b
    aorta = Ellipse(x=rng.uniform(20, 28), y=back - rng.uniform(26, 34), a=rng.uniform(10, 13), b=rng.uniform(10, 13))
    tubes = [
        aorta,
        Ellipse(x=rng.uniform(-36, -26), y=back - rng.uniform(50, 58), a=12, b=10),
        Ellipse(x=-6, y=back - 24, a=3.6, b=3.0),
        Ellipse(x=-22, y=cavity.y - cavity.b + 4, a=2.0, b=2.0),
        Ellipse(x=24, y=cavity.y - cavity.b + 4, a=2.0, b=2.0),
    ]
    for tube in tubes:
        canvas.paint(tube.grown(1.6), signals[Tissue.MYOCARDIUM])
        canvas.paint(tube, signals[Tissue.BLOOD] * rng.uniform(0.75, 1.05))
    gullet = Ellipse(x=8, y=back - 36, a=7, b=4.5)
    canvas.paint(gullet, signals[Tissue.MUSCLE])
    canvas.paint(gullet.grown(-3), signals[Tissue.STOMACH], opacity=0.5)
    sternum = Ellipse(x=rng.normal(0, 2), y=cavity.y - cavity.b - 5, a=17, b=6)
    canvas.paint(sternum, signals[Tissue.CORTEX])
    canvas.paint(sternum.grown(-1.8), signals[Tissue.MARROW])


def _texture(*, canvas: Canvas, strength: float, rng: np.random.Generator) -> None:
    grain = (
        0.05 * canvas.grain(rng=rng, scale=30)
        + 0.05 * canvas.grain(rng=rng, scale=9)
        + 0.05 * canvas.grain(rng=rng, scale=4)
    )
    canvas.signal *= np.clip(1 + np.float32(strength) * grain, 0.3, 1.7)
