"""L+S (Otazo et al. 2015, doi:10.1002/mrm.25240): a film is a slowly changing background and sparse motion upon it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from baselines.cine.sense import Complex, Encoding, slice_by_slice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from baselines.cine.io import Scan

#: thresholds as shares of the first estimate's largest singular value and largest temporal coefficient; tuned on training scans
LOW_RANK = 0.03
SPARSE = 0.008
STEPS = 40
#: |E|^2 <= 1 with maps of unit norm, and the sum L + S doubles it
_STEP = 0.5


def reconstruct(scan: Scan) -> NDArray[np.float32]:
    """A scan -> magnitude (frame, slice, y, x)."""
    return slice_by_slice(scan, solve=separate)


def separate(
    measured: Complex,
    encoding: Encoding,
    *,
    low_rank: float = LOW_RANK,
    sparse: float = SPARSE,
    steps: int = STEPS,
) -> Complex:
    """argmin |E (L + S) - measured|^2 / 2 + a |L|_* + b |T S|_1 by accelerated proximal gradients (Beck and
    Teboulle 2009, doi:10.1137/080716542), T the unitary transform along time.

    measured: (frame, coil, ky, kx). low_rank, sparse: a and b as shares of what the zero-filled film has. Returns L + S.
    """
    film = encoding.adjoint(measured)
    singular = low_rank * np.linalg.norm(film.reshape(len(film), -1), ord=2)
    temporal = sparse * np.abs(_along_time(film)).max()
    background, motion = film, np.zeros_like(film)
    ahead, momentum = (background, motion), 1.0
    for _ in range(steps):
        slope = encoding.normal(ahead[0] + ahead[1]) - film
        before = background, motion
        background = _shrink_singular(ahead[0] - _STEP * slope, by=_STEP * float(singular))
        motion = _shrink_temporal(ahead[1] - _STEP * slope, by=_STEP * temporal)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        push = np.float32((momentum - 1) / following)
        ahead = background + push * (background - before[0]), motion + push * (motion - before[1])
        momentum = following
    return background + motion


def _along_time(film: Complex) -> Complex:
    spectrum: Complex = fft.fft(film, axis=0, norm="ortho")
    return spectrum


def _shrink_singular(film: Complex, *, by: float) -> Complex:
    """Singular values of (frame, pixel) less `by`, none below zero: through the small frame-by-frame matrix."""
    rows = film.reshape(len(film), -1)
    power, vectors = np.linalg.eigh(rows @ rows.conj().T)
    values = np.sqrt(np.maximum(power, 0))
    kept = np.maximum(values - by, 0) / np.maximum(values, np.finfo(np.float32).tiny)
    shrunk: Complex = ((vectors * kept) @ vectors.conj().T @ rows).reshape(film.shape)
    return shrunk.astype(np.complex64)


def _shrink_temporal(film: Complex, *, by: float) -> Complex:
    spectrum = _along_time(film)
    size = np.abs(spectrum)
    kept = np.maximum(size - by, 0) / np.maximum(size, np.finfo(np.float32).tiny)
    shrunk: Complex = fft.ifft(spectrum * kept, axis=0, norm="ortho").astype(np.complex64)
    return shrunk
