"""One-dimensional polynomial families on [-1, 1], whose products make the random fields that tear a mask."""

from __future__ import annotations

from enum import StrEnum
from math import factorial, pi, sqrt

import numpy as np
from numpy.polynomial.chebyshev import chebvander
from numpy.polynomial.hermite import hermvander
from numpy.polynomial.legendre import legvander
from numpy.typing import NDArray


class Family(StrEnum):
    """Which polynomials."""

    CHEBYSHEV = "chebyshev"
    LEGENDRE = "legendre"
    HERMITE = "hermite"


def basis(family: Family, *, order: int, size: int) -> NDArray[np.float64]:
    """Values at `size` even steps of [-1, 1] of the polynomials of degree 0 to order - 1, (degree, place).

    chebyshev: T_n. legendre: P_n. hermite: the Hermite function (2^n n! sqrt(pi))^-1/2 H_n(u) exp(-u^2 / 2) at
    u = 2.5 sqrt(n + 1) x, so that each just fits its window.
    """
    places = np.linspace(-1, 1, size)
    if family is Family.CHEBYSHEV:
        return np.ascontiguousarray(chebvander(places, order - 1).T)
    if family is Family.LEGENDRE:
        return np.ascontiguousarray(legvander(places, order - 1).T)
    rows = []
    for degree in range(order):
        scaled = 2.5 * sqrt(degree + 1) * places
        norm = 1 / sqrt(2.0**degree * factorial(degree) * sqrt(pi))
        rows.append(norm * hermvander(scaled, degree)[:, degree] * np.exp(-(scaled**2) / 2))
    return np.stack(rows)


def random_field(values: NDArray[np.float64], *, axes: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A sum of all products of the basis with standard normal coefficients, stretched to [0, 1]; (place,) * axes.

    values: of `basis`, (degree, place).
    """
    field = rng.standard_normal((len(values),) * axes)
    for _ in range(axes):
        # each turn replaces the first degree axis by a place axis at the end
        field = np.tensordot(field, values, axes=(0, 0))
    low, high = field.min(), field.max()
    stretched: NDArray[np.float64] = (field - low) / (high - low)
    return stretched
