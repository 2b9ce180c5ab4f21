"""Images as a container of this challenge sees them: one NIfTI file a case, its modality not told, and a mask on the same grid."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from baselines.lesions.volumes import Mask

# the library has no types
_orientations: Any = nibabel.orientations
_file: Any = nibabel.Nifti1Image
_ENDINGS = (".nii", ".nii.gz")


class UnreadableImage(Exception):
    """A file that is not an image of this task; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """volume: (x, y, z) float32, turned so that x runs to the right, y to the front and z up; spacing: mm along these axes.

    affine: (4, 4) of the file, before it was turned.
    """

    volume: NDArray[np.float32]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]


def find_images(root: Path) -> list[Path]:
    """All NIfTI files below the input folder, in a fixed order."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name.endswith(_ENDINGS))


def read_stored(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(values, affine (4, 4)) of one .nii or .nii.gz file as they are stored. Raises UnreadableImage."""
    try:
        # get_fdata reads the voxels, which is where a damaged file shows
        stored: Any = nibabel.load(path)
        values = np.asarray(stored.get_fdata(dtype=np.float32))
    except (ImageFileError, OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableImage(f"not a NIfTI file ({error})") from error
    return values, np.asarray(stored.affine, dtype=np.float64)


def read_image(path: Path) -> Image:
    """Read one .nii or .nii.gz file. Raises UnreadableImage."""
    values, affine = read_stored(path)
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise UnreadableImage(f"expected three axes, found shape {values.shape}")
    turn = _orientations.io_orientation(affine)
    if np.isnan(turn).any():
        raise UnreadableImage("an affine that lays two axes on one line: voxels lie nowhere")
    sides = np.linalg.norm(affine[:3, :3], axis=0)[np.argsort(turn[:, 0])]
    volume = np.nan_to_num(_orientations.apply_orientation(values, turn), nan=0.0, posinf=0.0, neginf=0.0)
    x, y, z = (float(side) for side in sides)
    return Image(volume=volume.astype(np.float32), spacing=(x, y, z), affine=affine)


def write_stored(*, path: Path, mask: Mask, affine: NDArray[np.float64]) -> None:
    """Write a mask as uint8 on the grid of the file that `affine` was read from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _file(np.ascontiguousarray(mask), affine).to_filename(path)


def write_mask(*, path: Path, mask: Mask, image: Image) -> None:
    """Write a mask on the turned image's grid (x, y, z) as uint8 on the grid of its file, with that file's affine."""
    back = _orientations.ornt_transform(_orientations.axcodes2ornt("RAS"), _orientations.io_orientation(image.affine))
    write_stored(path=path, mask=_orientations.apply_orientation(mask, back), affine=image.affine)
