"""The pictures of one public case: reference, an image beside it, and the error between the two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.pictures import ERROR_WINDOW
from evaluators.importers.cmrxrecon2023_image import reference_image
from evaluators.importers.layout import Layout, filled
from evaluators.pictures.sheet import Sheet, grey_sheet, viridis_sheet

Volume = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A sheet and the slice that it shows, counted from 1."""

    sheet: Sheet
    slice_number: int
    slices: int


def draw_reference(reference: Volume) -> Drawn:
    """reference: (x, y, slice, frame), magnitude. Its brightest pixel over the shown frames is white."""
    return _drawn(reference, grey_sheet(_shown(reference) / _peak(reference)))


def draw_image(image: Volume, reference: Volume) -> Drawn:
    """In the brightness of its reference, since a method may choose its scale: see `_fitted`."""
    return _drawn(reference, grey_sheet(_fitted(image, reference) / _peak(reference)))


def draw_error(image: Volume, reference: Volume) -> Drawn:
    """| s image - reference | / max(reference), s as `_fitted` has it; ERROR_WINDOW is the brightest colour."""
    error = np.abs(_fitted(image, reference) - _shown(reference)) / _peak(reference)
    return _drawn(reference, viridis_sheet(error / ERROR_WINDOW))


def zero_filled_image(kspace: Path, *, name: str, layout: Layout, strata: Mapping[str, str]) -> Volume:
    """(x, y, slice, frame) of an under-sampled file of this layout, missing samples left at zero.

    name: the path by which the layout knows the file; its scan says which axes are stored. Raises BadFile.
    """
    stem = PurePosixPath(name).stem
    family = next((one for one in layout.families if re.match(one.scan, stem)), layout.families[0])
    variable = filled(layout.kspace_variable, {"af": strata.get("af", "0")})
    return reference_image(kspace, variables=(variable,), axes=layout.axes_of(family), drops_ones=layout.drops_ones)


def _shown(volume: Volume) -> NDArray[np.float64]:
    """(frame, y, x) of the middle slice."""
    return volume[:, :, volume.shape[2] // 2].astype(np.float64).transpose(2, 1, 0)


def _peak(reference: Volume) -> float:
    """The largest value of the shown frames; 1 where there is none."""
    return float(_shown(reference).max(initial=0.0)) or 1.0


def _fitted(image: Volume, reference: Volume) -> NDArray[np.float64]:
    """s image, with s = sum(image reference) / sum(image^2) over the shown frames: the least squared distance.

    image, reference: (x, y, slice, frame) of one shape. Raises ValueError where the shapes differ.
    """
    if image.shape != reference.shape:
        raise ValueError(f"the image is {image.shape}, its reference {reference.shape}")
    shown, target = _shown(image), _shown(reference)
    energy = float((shown * shown).sum())
    fitted: NDArray[np.float64] = shown * (float((shown * target).sum()) / energy) if energy > 0 else shown
    return fitted


def _drawn(volume: Volume, sheet: Sheet) -> Drawn:
    return Drawn(sheet=sheet, slice_number=volume.shape[2] // 2 + 1, slices=volume.shape[2])
