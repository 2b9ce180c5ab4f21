"""A grid in millimetres on which soft-edged shapes are painted, later ones over earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, sin

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Plane = NDArray[np.float32]
Box = tuple[slice, slice]


@dataclass(frozen=True, kw_only=True)
class Ripple:
    """A wave on a shape's outline: waves a turn, height relative to the radius, phase in radians."""

    order: int
    height: float
    phase: float


@dataclass(frozen=True, kw_only=True)
class Ellipse:
    """A rotated ellipse with a rippled outline; lengths in millimetres, angle in radians (x right, y down)."""

    x: float
    y: float
    a: float
    b: float
    angle: float = 0.0
    ripples: tuple[Ripple, ...] = ()

    def grown(self, by: float) -> Ellipse:
        """The same shape with both radii longer by `by` (negative: shorter), never below 0.1 mm."""
        return replace(self, a=max(self.a + by, 0.1), b=max(self.b + by, 0.1))


class Canvas:
    """Signal on (y, x), the centre of the field of view at (0, 0) millimetres."""

    def __init__(self, *, matrix: tuple[int, int], field_of_view: tuple[float, float]) -> None:
        ny, nx = matrix
        self.step_x, self.step_y = field_of_view[0] / nx, field_of_view[1] / ny
        self.x = ((np.arange(nx) + 0.5 - nx / 2) * self.step_x).astype(np.float32)
        self.y = ((np.arange(ny) + 0.5 - ny / 2) * self.step_y).astype(np.float32)
        self.edge = max(self.step_x, self.step_y)
        self.signal: Plane = np.zeros(matrix, dtype=np.float32)

    def copy(self) -> Canvas:
        """A canvas of its own with the same picture: static anatomy is painted once, then one copy a frame."""
        twin = object.__new__(Canvas)
        twin.__dict__.update(self.__dict__)
        twin.signal = self.signal.copy()
        return twin

    def box(self, shape: Ellipse) -> Box:
        """Rows and columns that the shape can touch."""
        reach = max(shape.a, shape.b) * (1 + sum(abs(wave.height) for wave in shape.ripples)) + 2 * self.edge
        rows = np.searchsorted(self.y, (shape.y - reach, shape.y + reach))
        columns = np.searchsorted(self.x, (shape.x - reach, shape.x + reach))
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))

    def local(self, *, shape: Ellipse, box: Box) -> tuple[Plane, Plane]:
        """Coordinates (y, x) inside the box along the shape's own long and short axis, in millimetres."""
        dx, dy = self.x[None, box[1]] - np.float32(shape.x), self.y[box[0], None] - np.float32(shape.y)
        c, s = np.float32(cos(shape.angle)), np.float32(sin(shape.angle))
        return c * dx + s * dy, c * dy - s * dx

    def cover(self, *, shape: Ellipse, box: Box) -> Plane:
        """How much of each pixel in the box the shape covers, 0 to 1, with an edge one pixel wide."""
        u, v = self.local(shape=shape, box=box)
        distance = np.hypot(u, v)
        relative = np.hypot(u / np.float32(shape.a), v / np.float32(shape.b)) + np.float32(1e-6)
        outline: Plane | np.float32 = np.float32(1.0)
        if shape.ripples:
            theta = np.arctan2(v / np.float32(shape.b), u / np.float32(shape.a))
            for wave in shape.ripples:
                outline = outline + np.float32(wave.height) * np.cos(wave.order * theta + np.float32(wave.phase))
        inside = distance * (outline / relative - 1)
        # distance vanishes in the centre of the shape, where `inside` is the radius itself
        inside = np.where(relative < 0.05, np.float32(min(shape.a, shape.b)), inside)
        return np.clip(inside / np.float32(self.edge) + np.float32(0.5), 0, 1).astype(np.float32)

    def paint(self, shape: Ellipse, value: float | Plane, *, within: Plane | None = None, opacity: float = 1.0) -> None:
        """Put value (a number, or a picture of the whole canvas) where the shape is, only `within` a cover (y, x)."""
        box = self.box(shape)
        cover = self.cover(shape=shape, box=box)
        alpha = cover if within is None else cover * within[box]
        alpha = alpha * np.float32(opacity)
        new = value[box] if isinstance(value, np.ndarray) else np.float32(value)
        self.signal[box] += alpha * (new - self.signal[box])

    def mask(self, shape: Ellipse) -> Plane:
        """Cover of the shape on the whole canvas (y, x)."""
        whole = np.zeros_like(self.signal)
        box = self.box(shape)
        whole[box] = self.cover(shape=shape, box=box)
        return whole

    def grain(self, *, rng: np.random.Generator, scale: float) -> Plane:
        """A random field (y, x) of zero mean and unit variance whose structure is about `scale` millimetres wide."""
        noise = rng.standard_normal(self.signal.shape, dtype=np.float32)
        smooth = gaussian_filter(noise, (scale / 2 / self.step_y, scale / 2 / self.step_x), mode="wrap")
        spread = smooth.std()
        field: Plane = ((smooth - smooth.mean()) / (spread if spread > 0 else 1)).astype(np.float32)
        return field
