"""Volumes of public cases for the site's viewer: one plain form, which needs no reader to be checked to its last byte."""

from __future__ import annotations

import struct
from math import isfinite, prod

from pydantic import Base64Bytes, Field

from evaluators.contract.pictures import OfCase

#: of a NIfTI-1 header and the four bytes behind it that announce no extension
HEADER = 352
#: voxels, a byte each, and voxels along an axis
MOST_VOXELS, LONGEST = 2**23, 1024
_UINT8 = 2


class VolumeIn(OfCase):
    """PUT /datasets/{name}/{version}/volumes: one volume of a case of a public version, in place of an earlier one.

    An image in 256 greys; a label map; or a difference (`Difference`). A hidden version has no volumes.
    """

    step: int = Field(default=1, ge=1, le=64, description="voxels of the case from voxel to voxel, along every axis")
    nii: Base64Bytes = Field(max_length=HEADER + MOST_VOXELS, description="NIfTI-1, not compressed; see `volume_shape`")


def volume_shape(nii: bytes) -> tuple[int, int, int]:
    """The sizes of a volume of the one form: little-endian NIfTI-1 of uint8, three axes, an sform, nothing but header and voxels.

    Raises ValueError that says what is another form.
    """
    if len(nii) < HEADER or nii[:4] != struct.pack("<i", 348) or nii[344:HEADER] != b"n+1\0" + bytes(4):
        raise ValueError("no NIfTI-1 header of a single file without extensions")
    axes, *sizes = struct.unpack_from("<8h", nii, 40)
    if (
        axes != 3
        or not all(1 <= size <= LONGEST for size in sizes[:3])
        or any(size not in {0, 1} for size in sizes[3:])
    ):
        raise ValueError(f"not a volume of three axes of 1 to {LONGEST} voxels")
    if struct.unpack_from("<2h", nii, 70) != (_UINT8, 8) or struct.unpack_from("<3f", nii, 108) not in _UNSCALED:
        raise ValueError("values that are not plain uint8 behind the header")
    if struct.unpack_from("<h", nii, 254) != (1,) or not _has_volume(struct.unpack_from("<12f", nii, 280)):
        raise ValueError("no affine that gives a voxel a volume")
    if not all(isfinite(size) and size > 0 for size in struct.unpack_from("<3f", nii, 80)):
        raise ValueError("voxels without a size")
    if len(nii) != HEADER + prod(sizes[:3]):
        raise ValueError(f"{len(nii)} bytes, and its header promises {HEADER + prod(sizes[:3])}")
    return sizes[0], sizes[1], sizes[2]


def _has_volume(affine: tuple[float, ...]) -> bool:
    """Whether the first three rows of a 4 x 4 affine turn a voxel into something that is not flat."""
    (a, b, c, _), (d, e, f, _), (g, h, i, _) = affine[:4], affine[4:8], affine[8:]
    turned = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return all(map(isfinite, affine)) and isfinite(turned) and turned != 0


#: where values begin, their slope and intercept
_UNSCALED = {(float(HEADER), 1.0, 0.0), (float(HEADER), 0.0, 0.0)}
