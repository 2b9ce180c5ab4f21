"""A set of images with label maps on their grid, as the layout `image-and-labels` has it: NIfTI files and a sheet of cases.

    <set>.csv              image,labels,subject and a column a stratum; paths start from the sheet's folder
    <set>/image/0001.nii.gz
    <set>/labels/0001.nii.gz
    dataset.json           {"labels": {"background": 0, "lesion": 1}}

A container never sees these names: the importer shows each image as <pseudonym>/image.nii.gz.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.nifti import write_nifti


@dataclass(frozen=True, kw_only=True)
class LabelledImage:
    """One case: an image (x, y) or (x, y, z) of any real numbers and its labels uint8 on its grid, with the affine of both."""

    image: NDArray[Any]
    labels: NDArray[np.uint8]
    #: (4, 4), voxel index -> mm in RAS
    affine: NDArray[np.float64]
    #: the independent unit, such as P003; one subject may have many images
    subject: str
    #: stratum -> value; every case of a set has the same strata
    strata: Mapping[str, str]


def write_labelled_set(
    *,
    root: Path,
    set_name: str,
    cases: Iterable[LabelledImage],
    classes: Mapping[int, str],
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write a set below `root`; images are rounded to int16. classes: label -> name. Returns the files, the sheet last.

    `progress` hears a line a subject.
    """
    paths: list[Path] = []
    rows: list[dict[str, str]] = []
    told = ""
    for number, case in enumerate(cases, start=1):
        image = Path(set_name, "image", f"{number:04d}.nii.gz")
        labels = Path(set_name, "labels", f"{number:04d}.nii.gz")
        stored = np.rint(case.image).astype(np.int16)
        paths.append(write_nifti(path=root / image, values=stored, affine=case.affine))
        paths.append(write_nifti(path=root / labels, values=case.labels, affine=case.affine))
        rows.append(
            {"image": image.as_posix(), "labels": labels.as_posix(), "subject": case.subject, **dict(case.strata)}
        )
        if case.subject != told:
            told = case.subject
            progress(f"{set_name} {told}")
    names = {"background": 0, **{name: label for label, name in classes.items()}}
    (root / "dataset.json").write_text(json.dumps({"labels": names}) + "\n", encoding="utf-8")
    sheet = root / f"{set_name}.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return [*paths, root / "dataset.json", sheet]
