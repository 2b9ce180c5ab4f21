"""Scans of nothing in particular: random nested and scattered shapes, so that a network does not take all bodies for chests."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin, sqrt

import numpy as np

from evaluators.phantoms.canvas import Canvas, Ellipse, Plane, Ripple
from evaluators.phantoms.cine import FINENESS, CineScan, CineSize, View, encode_scan
from evaluators.phantoms.pulse import pulsate
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.torso import FIELD_OF_VIEW


def _ripples(*, rng: np.random.Generator, highest: int, height: float) -> tuple[Ripple, ...]:
    return tuple(
        Ripple(order=int(rng.integers(2, highest)), height=rng.normal(0, height), phase=rng.uniform(0, 2 * pi))
        for _ in range(4)
    )


def _scene(*, canvas: Canvas, rng: np.random.Generator) -> Plane:
    """One picture (y, x), 0 to about 1: an outline, shells inside it, scattered shapes, grain."""
    outline = Ellipse(
        x=rng.normal(0, 6),
        y=rng.normal(0, 5),
        a=rng.uniform(100, 182),
        b=rng.uniform(85, 132),
        angle=rng.normal(0, 0.15),
        ripples=_ripples(rng=rng, highest=9, height=0.02),
    )
    inside = canvas.mask(outline)
    canvas.paint(outline, rng.uniform(0.1, 1.0))
    shell = outline
    for _ in range(int(rng.integers(1, 5))):
        shell = shell.grown(-rng.uniform(3, 26))
        folded = Ellipse(
            x=shell.x,
            y=shell.y,
            a=shell.a,
            b=shell.b,
            angle=shell.angle,
            ripples=_ripples(rng=rng, highest=26, height=rng.uniform(0.01, 0.06)),
        )
        canvas.paint(folded, rng.uniform(0.0, 1.0), within=inside)
    for _ in range(int(rng.integers(15, 70))):
        way, at = sqrt(rng.random()), rng.uniform(0, 2 * pi)
        size = float(np.exp(rng.uniform(np.log(1.5), np.log(35))))
        blob = Ellipse(
            x=outline.x + way * outline.a * cos(at),
            y=outline.y + way * outline.b * sin(at),
            a=size * rng.uniform(1, 3),
            b=size,
            angle=rng.uniform(0, pi),
            ripples=_ripples(rng=rng, highest=7, height=0.08),
        )
        canvas.paint(blob, rng.uniform(0.0, 1.0), within=inside, opacity=rng.uniform(0.3, 1.0))
    grain = canvas.grain(rng=rng, scale=rng.uniform(3, 8)) + canvas.grain(rng=rng, scale=rng.uniform(10, 40))
    canvas.signal *= np.clip(1 + np.float32(rng.uniform(0.0, 0.08)) * grain, 0.3, 1.7)
    return canvas.signal


def _slices(*, size: CineSize, rng: np.random.Generator) -> Iterator[list[Plane]]:
    for _ in range(size.slices):
        canvas = Canvas(matrix=(FINENESS * size.ny, FINENESS * size.nx), field_of_view=FIELD_OF_VIEW)
        yield pulsate(plane=_scene(canvas=canvas, rng=rng), frames=size.frames, rng=rng)


def simulate_shapes(
    *, seed: bytes | int, subject: int, size: CineSize, views: tuple[View, ...] = (View.SAX, View.LAX)
) -> dict[View, CineScan]:
    """One scan of random shapes in place of each view of a subject; same coils, noise and sampling. For training only."""
    return {
        view: encode_scan(
            view=view,
            slices=_slices(size=size, rng=stream(seed, "shapes", subject, view)),
            size=size,
            rng=stream(seed, "shapes scan", subject, view),
        )
        for view in views
    }
