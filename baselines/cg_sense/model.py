"""CG-SENSE (Pruessmann et al. 2001, doi:10.1002/mrm.1241): least squares over the measured lines, every frame on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from baselines.cine.sense import Complex, Encoding, slice_by_slice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from baselines.cine.io import Scan

#: weight of |x|^2 and number of steps; both tuned on training scans, see baseline.yaml
WEIGHT = 0.02
STEPS = 12


def reconstruct(scan: Scan) -> NDArray[np.float32]:
    """A scan -> magnitude (frame, slice, y, x)."""
    return slice_by_slice(scan, solve=least_squares)


def least_squares(measured: Complex, encoding: Encoding, *, weight: float = WEIGHT, steps: int = STEPS) -> Complex:
    """argmin |E x - measured|^2 + weight |x|^2 by conjugate gradients from x = 0.

    measured: (frame, coil, ky, kx). Returns (frame, y, x).
    """
    right = encoding.adjoint(measured)
    image = np.zeros_like(right)
    rest, direction = right, right
    energy = _power(rest)
    for _ in range(steps):
        mapped = encoding.normal(direction) + weight * direction
        # a frame that is solved exactly has nothing left to divide
        length = energy / np.maximum(_inner(direction, mapped), np.finfo(np.float32).tiny)
        image = image + length * direction
        rest = rest - length * mapped
        energy, before = _power(rest), energy
        direction = rest + energy / np.maximum(before, np.finfo(np.float32).tiny) * direction
    return image


def _power(image: Complex) -> NDArray[np.float32]:
    """|image|^2 of each frame, (frame, 1, 1)."""
    return _inner(image, image)


def _inner(one: Complex, other: Complex) -> NDArray[np.float32]:
    product: NDArray[np.float32] = (one.conj() * other).real.sum(axis=(-2, -1), keepdims=True)
    return product
