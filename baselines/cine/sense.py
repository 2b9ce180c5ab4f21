"""The linear model of a multi-coil scan, k = M F S x + noise, with coil maps estimated from the scan's own ACS lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter

from baselines.cine.io import Scan, UnreadableScan, to_image

Complex = NDArray[np.complex64]
_PLANE = (-2, -1)
#: side of the patch whose coil covariance is averaged, in pixels (Walsh et al. 2000 use a few)
_PATCH = 7


def to_kspace(image: Complex) -> Complex:
    """Centred unitary transform over the last two axes, the inverse of `to_image`."""
    kspace: Complex = fft.fftshift(fft.fft2(fft.ifftshift(image, axes=_PLANE), axes=_PLANE, norm="ortho"), axes=_PLANE)
    return kspace


def calibration_lines(mask: NDArray[np.bool_]) -> slice:
    """The run of sampled ky lines around the middle; mask: (ky, kx). Raises UnreadableScan where the middle is not sampled."""
    sampled: NDArray[np.bool_] = np.any(mask, axis=1)
    middle = len(sampled) // 2
    if not sampled[middle]:
        raise UnreadableScan(f"the middle line (ky {middle}) is not sampled: without ACS lines there are no coil maps")
    first = last = middle
    while first > 0 and sampled[first - 1]:
        first -= 1
    while last + 1 < len(sampled) and sampled[last + 1]:
        last += 1
    return slice(first, last + 1)


def coil_maps(kspace: Complex, *, mask: NDArray[np.bool_]) -> Complex:
    """Maps (coil, y, x) with sum |S|^2 = 1 of one slice (frame, coil, ky, kx): they do not move, so all frames serve.
    One coil has a map of ones.

    The dominant eigenvector of the coils' local covariance in tapered low-resolution images (Walsh et al. 2000,
    doi:10.1002/(SICI)1522-2594(200005)43:5<682::AID-MRM10>3.0.CO;2-G), its phase that of the coil sum. Raises UnreadableScan
    where several coils have no ACS lines.
    """
    _, coils, ny, nx = kspace.shape
    if coils == 1:
        return np.ones((1, ny, nx), dtype=np.complex64)
    lines = calibration_lines(mask)
    window = np.zeros((ny, nx), dtype=np.float32)
    width = min(nx, max(4, round(nx * (lines.stop - lines.start) / ny)))
    left = nx // 2 - width // 2
    # without a taper the cut at the block's edge rings through the maps
    window[lines, left : left + width] = np.outer(_taper(lines.stop - lines.start), _taper(width))
    images = to_image(kspace * window)
    covariance = np.einsum("fayx,fbyx->abyx", images, images.conj(), optimize=True)
    local = np.empty_like(covariance)
    for one in range(coils):
        for other in range(coils):
            part: Any = covariance[one, other]
            local[one, other] = uniform_filter(part.real, _PATCH) + 1j * uniform_filter(part.imag, _PATCH)
    _, vectors = np.linalg.eigh(local.transpose(2, 3, 0, 1))
    maps = vectors[..., -1].transpose(2, 0, 1)
    together = maps.sum(axis=0)
    maps = maps * np.exp(-1j * np.angle(together))
    return np.ascontiguousarray(maps, dtype=np.complex64)


def _taper(size: int) -> NDArray[np.float64]:
    """A Hann window that is nowhere zero."""
    window: NDArray[np.float64] = np.hanning(size + 2)[1:-1]
    return window


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """E: image (frame, y, x) to k-space (frame, coil, ky, kx). maps: (coil, y, x), mask: (ky, kx)."""

    maps: Complex
    mask: NDArray[np.bool_]

    @classmethod
    def of(cls, measured: Complex, *, mask: NDArray[np.bool_]) -> Encoding:
        """The model of one measured slice (frame, coil, ky, kx), with the maps that it gives itself."""
        return cls(maps=coil_maps(measured, mask=mask), mask=mask)

    def forward(self, image: Complex) -> Complex:
        """E image."""
        kspace: Complex = to_kspace(self.maps * image[:, None]) * self.mask
        return kspace

    def adjoint(self, kspace: Complex) -> Complex:
        """E^H kspace: with maps of unit norm and every line sampled it undoes `forward`."""
        image: Complex = (self.maps.conj() * to_image(kspace * self.mask)).sum(axis=1)
        return image

    def normal(self, image: Complex) -> Complex:
        """E^H E image."""
        return self.adjoint(self.forward(image))


Solve = Callable[[Complex, Encoding], Complex]


def slice_by_slice(scan: Scan, *, solve: Solve) -> NDArray[np.float32]:
    """Magnitude (frame, slice, y, x); solve: (measured (frame, coil, ky, kx), Encoding) -> image (frame, y, x).

    Each slice is handed over with its zero-filled maximum scaled to 1. A frame without signal stays zero.
    """
    frames, slices, _, ny, nx = scan.kspace.shape
    image = np.zeros((frames, slices, ny, nx), dtype=np.float32)
    for position in range(slices):
        measured = scan.kspace[:, position]
        if not measured.any():
            continue
        encoding = Encoding.of(measured, mask=scan.mask)
        scale = np.abs(encoding.adjoint(measured)).max()
        image[:, position] = np.abs(solve(measured / scale, encoding)) * scale
        # a method that uses time would fill an empty frame from its neighbours
        image[~measured.any(axis=(1, 2, 3)), position] = 0
    return image
