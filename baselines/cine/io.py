"""CMRxRecon 2023 files as a container sees them: k-space and masks under the input, one magnitude image a case under the output.

Cine and mapping, multi-coil and single-coil: a mapping scan's contrasts stand where a film's frames do, and data without a coil
axis are those of one coil.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.io import savemat

_CASES = ("Cine/*/AccFactor*/P*/cine_*.mat", "Mapping/*/AccFactor*/P*/T[12]map.mat")
_COILS = ("MultiCoil", "SingleCoil")


class UnreadableScan(Exception):
    """A file that is not a scan of this task; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """kspace: (frame or contrast, slice, coil, ky, kx) complex64, zero where not sampled. mask: (ky, kx), True where sampled."""

    kspace: NDArray[np.complex64]
    mask: NDArray[np.bool_]


def find_scans(root: Path) -> list[Path]:
    """All k-space files of every tree below the input folder, in a fixed order."""
    found = (path for coils in _COILS for cases in _CASES for path in root.glob(f"{coils}/{cases}"))
    return sorted(path for path in found if not path.name.endswith("_mask.mat"))


def read_scan(path: Path) -> Scan:
    """Read one .mat v7.3 file and the mask beside it (without one, sampled lines are those with energy).

    Raises UnreadableScan.
    """
    name, stored = _variable(path, prefix="kspace_")
    axes = 4 if "_single_" in name else 5
    if stored.dtype.names != ("real", "imag") or stored.ndim != axes:
        raise UnreadableScan(f"expected complex numbers on {axes} axes, found {stored.dtype} on {stored.ndim}")
    if axes == 4:
        stored = stored[:, :, None]
    kspace = stored["real"].astype(np.complex64)
    kspace.imag = stored["imag"]
    if not np.isfinite(kspace).all():
        raise UnreadableScan(f"{name} holds values that are not finite")
    beside = path.with_name(f"{path.stem}_mask.mat")
    if not beside.exists():
        energy = (kspace != 0).any(axis=(0, 1, 2, 4))
        return Scan(kspace=kspace, mask=np.repeat(energy[:, None], kspace.shape[-1], axis=1))
    _, mask = _variable(beside, prefix="mask")
    if mask.shape != kspace.shape[-2:]:
        raise UnreadableScan(f"mask {mask.shape} does not fit k-space {kspace.shape[-2:]} (ky, kx)")
    if not mask.any():
        raise UnreadableScan(f"{beside.name} samples no line")
    return Scan(kspace=kspace, mask=mask != 0)


def _variable(path: Path, *, prefix: str) -> tuple[str, NDArray[Any]]:
    """(name, values) of the one variable of a .mat v7.3 file whose name begins so. Raises UnreadableScan."""
    try:
        with h5py.File(path) as file:
            names = [name for name in file if name.startswith(prefix)]
            if len(names) != 1:
                raise UnreadableScan(f"{path.name}: expected one variable {prefix}..., found {sorted(file)}")
            stored = file.get(names[0])
            if not isinstance(stored, h5py.Dataset) or not stored.shape or not stored.size:
                raise UnreadableScan(f"{path.name}: {names[0]} is no array")
            return names[0], stored[()]
    except OSError as error:
        raise UnreadableScan(f"{path.name} is not a MATLAB v7.3 file ({error})") from error


def to_image(kspace: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Centred unitary inverse transform over the last two axes."""
    plane = (-2, -1)
    shifted = fft.ifft2(fft.ifftshift(kspace, axes=plane), axes=plane, norm="ortho")
    image: NDArray[np.complex64] = fft.fftshift(shifted, axes=plane)
    return image


def zero_filled(kspace: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Root sum of squares over coils of the inverse Fourier transform: (..., coil, ky, kx) -> (..., y, x)."""
    power = np.square(np.abs(to_image(kspace))).sum(axis=-3)
    magnitude: NDArray[np.float32] = np.sqrt(power).astype(np.float32)
    return magnitude


def write_image(*, path: Path, image: NDArray[np.float32]) -> None:
    """Write (frame, slice, y, x) as `img4ranking` (x, y, slice, frame), single, .mat v7: the challenge's form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    matlab = np.ascontiguousarray(image.transpose(3, 2, 1, 0), dtype=np.float32)
    savemat(path, {"img4ranking": matlab}, do_compression=True)
