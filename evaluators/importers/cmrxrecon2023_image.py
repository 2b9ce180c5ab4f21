"""From fully sampled k-space to the image that CMRxRecon scores against, in all its years."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from evaluators.importers.kspace import open_kspace
from evaluators.importers.layout import AXES
from evaluators.importers.problems import BadFile

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


def reference_image(
    path: Path,
    *,
    variables: Sequence[str] = ("kspace_full",),
    axes: tuple[str, ...] = AXES,
    drops_ones: bool = False,
) -> NDArray[np.float32]:
    """(x, y, slice, frame) of a fully sampled file, computed in double precision, one slice and frame in memory at a time.

    A single coil's image is its magnitude. Raises BadFile, also for a picture without signal: nothing could be scored there.
    """
    with open_kspace(path, variables=variables, axes=axes, drops_ones=drops_ones) as kspace:
        frames, slices, _, ny, nx = kspace.shape
        stored = np.empty((frames, slices, ny, nx), dtype=np.float32)
        for frame in range(frames):
            for number in range(slices):
                image = image_of(kspace.plane(frame=frame, slice_number=number))
                if not 0 < image.max() < np.inf:
                    found = f"none, or NaN, in slice {number + 1}, frame {frame + 1}"
                    name = str(kspace.data.name).removeprefix("/")
                    raise BadFile(wanted="signal in every picture", found=found, variable=name)
                stored[frame, number] = image
    return stored.T
