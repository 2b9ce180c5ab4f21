"""From an image to multi-coil k-space and back: the linear operator that every simulated scan goes through."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Complex = NDArray[np.complexfloating[Any, Any]]
_PLANE = (-2, -1)


def fft2c(image: Complex) -> Complex:
    """Centred, unitary 2-D Fourier transform over the last two axes (..., y, x) -> (..., ky, kx)."""
    spectrum = fft.fft2(fft.ifftshift(image, axes=_PLANE), axes=_PLANE, norm="ortho")
    shifted: Complex = fft.fftshift(spectrum, axes=_PLANE)
    return shifted


def ifft2c(kspace: Complex) -> Complex:
    """Inverse (and adjoint) of fft2c."""
    image = fft.ifft2(fft.ifftshift(kspace, axes=_PLANE), axes=_PLANE, norm="ortho")
    shifted: Complex = fft.fftshift(image, axes=_PLANE)
    return shifted


def _centre(*, outer: tuple[int, int], inner: tuple[int, int]) -> tuple[slice, slice]:
    starts = tuple(big // 2 - small // 2 for big, small in zip(outer, inner, strict=True))
    return slice(starts[0], starts[0] + inner[0]), slice(starts[1], starts[1] + inner[1])


def multicoil_kspace(*, image: Complex, coils: Complex, matrix: tuple[int, int]) -> Complex:
    """What `coils` receive from `image`, noise-free, at the resolution of `matrix` = (ky, kx).

    image: (..., y, x) on a grid at least as fine as matrix; coils: (coil, y, x) on the image's grid.
    Returns (..., coil, ky, kx): the outer k-space of the finer grid is cut off, as a scanner does (hence Gibbs ringing);
    magnitudes are kept, so that the image of the result is as bright as `image`.
    """
    fine = (image.shape[-2], image.shape[-1])
    rows, columns = _centre(outer=fine, inner=matrix)
    gain = np.float32(np.sqrt(np.prod(matrix) / np.prod(fine)))
    cut: Complex = fft2c(image[..., None, :, :] * coils)[..., rows, columns] * gain
    return cut


def adjoint_multicoil(*, kspace: Complex, coils: Complex) -> Complex:
    """Adjoint of multicoil_kspace: (..., coil, ky, kx) -> (..., y, x) on the grid of coils (coil, y, x)."""
    matrix = (kspace.shape[-2], kspace.shape[-1])
    fine = (coils.shape[-2], coils.shape[-1])
    rows, columns = _centre(outer=fine, inner=matrix)
    padded = np.zeros((*kspace.shape[:-2], *fine), dtype=kspace.dtype)
    padded[..., rows, columns] = kspace
    gain = np.float32(np.sqrt(np.prod(matrix) / np.prod(fine)))
    image: Complex = (np.conj(coils) * ifft2c(padded)).sum(axis=-3) * gain
    return image


def root_sum_of_squares(kspace: Complex) -> NDArray[np.float32]:
    """Magnitude image (..., y, x) of multi-coil k-space (..., coil, ky, kx): what the challenge scores against."""
    power = np.square(np.abs(ifft2c(kspace))).sum(axis=-3)
    magnitude: NDArray[np.float32] = np.sqrt(power).astype(np.float32)
    return magnitude
