"""Receive coils around the chest: smooth complex sensitivity maps from the field of their wires."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

_WIRE_DEPTH = 35.0  # millimetres


def sensitivity_maps(
    *, rng: np.random.Generator, coils: int, matrix: tuple[int, int], field_of_view: tuple[float, float]
) -> NDArray[np.complex64]:
    """Maps (coil, y, x) of `coils` loops on an ellipse around the body; field of view (x, y) in millimetres.

    A long loop is two wires with opposite current; by Biot and Savart the transverse field of one is 1/(z - wire) at
    z = x + iy, softened near the wire as a loop of finite length is. The sum over coils of |S|^2 is 1 everywhere.
    """
    ny, nx = matrix
    width, height = field_of_view
    x = ((np.arange(nx) + 0.5) / nx - 0.5) * width
    y = ((np.arange(ny) + 0.5) / ny - 0.5) * height
    position = (x[None, :] + 1j * y[:, None]).astype(np.complex128)

    turn = rng.uniform(0, 2 * pi)
    angle = turn + 2 * pi * (np.arange(coils) + rng.uniform(-0.2, 0.2, coils)) / coils
    opening = 2 * pi / max(coils, 3) * rng.uniform(0.35, 0.5, coils)
    reach = rng.uniform(0.58, 0.64)

    def from_wire(at: NDArray[np.float64]) -> NDArray[np.complex128]:
        place: NDArray[np.complex128] = reach * (width * np.cos(at) + 1j * height * np.sin(at))
        away: NDArray[np.complex128] = position - place[:, None, None]
        pull = np.conj(away) / (np.square(np.abs(away)) + _WIRE_DEPTH**2)
        return pull.astype(np.complex128)

    field = from_wire(angle - opening) - from_wire(angle + opening)
    field *= np.exp(1j * rng.uniform(0, 2 * pi, coils))[:, None, None]
    norm = np.sqrt(np.square(np.abs(field)).sum(axis=0))
    maps: NDArray[np.complex64] = (field / norm).astype(np.complex64)
    return maps
