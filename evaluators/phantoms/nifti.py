"""NIfTI-1 files whose header says where voxels lie and nothing else: equal data give equal files, whatever they show."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: numpy kind and width -> (datatype code, bits a voxel)
_TYPES = {"u1": (2, 8), "i2": (4, 16), "f4": (16, 32)}
#: xyzt_units: mm
_MM = 2


def nifti_bytes(values: NDArray[Any], *, affine: NDArray[np.float64] | None = None) -> bytes:
    """A .nii of (x, y) or (x, y, z) of uint8, int16 or float32, not compressed; see `write_nifti`."""
    code, bits = _TYPES[values.dtype.str[1:]]
    header = bytearray(352)  # 348 and four bytes that say: no extension
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, values.ndim, *(*values.shape, 1, 1, 1, 1, 1)[:7])
    struct.pack_into("<2h", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    if affine is not None:
        struct.pack_into("<3f", header, 80, *np.linalg.norm(affine[:3, :3], axis=0))
        struct.pack_into("<B", header, 123, _MM)
        struct.pack_into("<h", header, 254, 1)
        struct.pack_into("<12f", header, 280, *affine[:3].ravel())
    header[344:348] = b"n+1\0"
    return bytes(header) + values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes(order="F")


def write_nifti(*, path: Path, values: NDArray[Any], affine: NDArray[np.float64] | None = None) -> Path:
    """Write (x, y) or (x, y, z) of uint8, int16 or float32 as .nii.gz. Returns `path`.

    affine: (4, 4), voxel index -> mm in RAS, stored as the sform; None leaves voxels of 1 mm that lie nowhere.
    Neither a name, a date nor a description is written, and no range of values: files differ in their voxels alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(nifti_bytes(values, affine=affine), mtime=0))
    return path
