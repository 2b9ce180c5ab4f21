"""From fully sampled k-space to the image that CMRxRecon 2023 scores against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from evaluators.importers.cmrxrecon2023_files import as_complex, open_array

_PLANE = (-2, -1)


def image_of(kspace: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Root sum of squares over coils: (coil, ky, kx) -> (ky, kx), as the challenge's loadFun.py does.

    fftshift before the inverse transform and ifftshift behind it, scaled by sqrt(nx ny). For odd sizes that is one pixel
    away from the usual order (ifftshift, then fftshift); kept, because teams are scored against the challenge's images.
    """
    transformed = fft.ifft2(fft.fftshift(kspace, axes=_PLANE), axes=_PLANE, norm="ortho")
    shifted = fft.ifftshift(transformed, axes=_PLANE)
    image: NDArray[np.float64] = np.sqrt((shifted.real**2 + shifted.imag**2).sum(axis=0))
    return image


def reference_image(path: Path) -> NDArray[np.float32]:
    """(x, y, slice, frame) of a FullSample file, computed in double precision, one slice and frame in memory at a time."""
    with open_array(path, variable="kspace_full") as data:
        frames, slices, _, ny, nx = data.shape
        stored = np.empty((frames, slices, ny, nx), dtype=np.float32)
        for frame in range(frames):
            for number in range(slices):
                stored[frame, number] = image_of(as_complex(data[frame, number]))
    return stored.T
