"""Small trees of images and label maps true to their challenges' forms, written with nibabel."""

from __future__ import annotations

import csv
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

nibabel: Any = import_module("nibabel")

SHAPE = (6, 5, 4)
#: x runs to the left, as most scanners store it
AFFINE = np.array([[-1.0, 0, 0, 90], [0, 1, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]])
#: FLAIR of a stroke is taken at another resolution
OTHER = np.diag([0.5, 0.5, 3.0, 1.0])
BRATS, BRATS_AGAIN = "BraTS-GLI-00001-000", "BraTS-GLI-00001-001"
ISLES = "sub-strokecase0001"


def save(path: Path, values: Any, *, affine: Any = AFFINE) -> None:
    """Write a volume as nibabel does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.Nifti1Image(np.asarray(values), np.asarray(affine)).to_filename(path)


def image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 900, SHAPE).astype(np.int16)


def labels(*values: int) -> np.ndarray:
    """0 and each of `values` somewhere."""
    found = np.zeros(SHAPE, dtype=np.uint8)
    for place, value in enumerate(values):
        found[1 + place, 1:4, 2] = value
    return found


def write_brats(root: Path, *, cases: tuple[str, ...] = (BRATS, BRATS_AGAIN)) -> None:
    for number, case in enumerate(cases):
        for place, name in enumerate(("t1c", "t1n", "t2f", "t2w")):
            save(root / case / f"{case}-{name}.nii.gz", image(10 * number + place))
        save(root / case / f"{case}-seg.nii.gz", labels(1, 2, 3))


def write_brats_2021(root: Path) -> None:
    case = "BraTS2021_00000"
    for place, name in enumerate(("flair", "t1", "t1ce", "t2")):
        save(root / case / f"{case}_{name}.nii.gz", image(place))
    save(root / case / f"{case}_seg.nii.gz", labels(1, 2, 4))


def write_isles(root: Path) -> None:
    session = root / ISLES / "ses-0001"
    for place, name in enumerate(("dwi", "adc")):
        save(session / "dwi" / f"{ISLES}_ses-0001_{name}.nii.gz", image(place))
    save(session / "anat" / f"{ISLES}_ses-0001_FLAIR.nii.gz", np.ones((12, 10, 3), dtype=np.int16), affine=OTHER)
    # the challenge's masks are stored as doubles
    mask = labels(1).astype(np.float64)
    save(root / "derivatives" / ISLES / "ses-0001" / f"{ISLES}_ses-0001_msk.nii.gz", mask)


def write_nnunet(root: Path) -> None:
    for number in (3, 7):
        for channel in (0, 1):
            save(root / "imagesTr" / f"knee_{number:03d}_{channel:04d}.nii.gz", image(number + channel))
        save(root / "labelsTr" / f"knee_{number:03d}.nii.gz", labels(1, 2))
    describe(root, channel_names={"0": "T1", "1": "T2"}, labels={"background": 0, "bone": 1, "cartilage": 2})


def write_amos(root: Path) -> None:
    for folder, number in (("Tr", 1), ("Tr", 4), ("Va", 8)):
        save(root / f"images{folder}" / f"amos_{number:04d}.nii.gz", image(number))
        save(root / f"labels{folder}" / f"amos_{number:04d}.nii.gz", labels(1, 15))
    organs = {"0": "background", "1": "spleen", "15": "prostate/uterus"}
    listed = [{"image": f"./imagesTr/amos_{n:04d}.nii.gz", "label": f"./labelsTr/amos_{n:04d}.nii.gz"} for n in (1, 4)]
    describe(root, modality={"0": "CT"}, labels=organs, training=listed)


def write_btcv(root: Path) -> None:
    """The names of image and label map differ: the list says which belong together."""
    save(root / "imagesTr" / "img0001.nii.gz", image())
    save(root / "labelsTr" / "label0001.nii.gz", labels(1, 6))
    listed = [{"image": "imagesTr/img0001.nii.gz", "label": "labelsTr/label0001.nii.gz"}]
    describe(root, labels={"0": "background", "1": "spleen", "6": "liver"}, training=listed)


def write_sheet(root: Path) -> None:
    rows = [("t1", "P001"), ("flair", "P001"), ("flair", "P002")]
    with (root / "TestSet.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "labels", "subject", "modality"))
        for number, (modality, subject) in enumerate(rows):
            save(root / f"any/{number}_{modality}.nii.gz", image(number))
            save(root / f"masks/{number}.nii.gz", labels(1))
            writer.writerow((f"any/{number}_{modality}.nii.gz", f"masks/{number}.nii.gz", subject, modality))
    describe(root, labels={"background": 0, "lesion": 1})


def describe(root: Path, **words: Any) -> None:
    """dataset.json"""
    (root / "dataset.json").write_text(json.dumps({"file_ending": ".nii.gz", **words}))


TREES = {
    "brats-2021": (write_brats_2021, "TestSet"),
    "brats-2023": (write_brats, "TestSet"),
    "brats-2024-gli": (write_brats, "TestSet"),
    "isles-2022": (write_isles, "TestSet"),
    "nnunet": (write_nnunet, "TrainingSet"),
    "decathlon": (write_amos, "TrainingSet"),
    "image-and-labels": (write_sheet, "TestSet"),
}
