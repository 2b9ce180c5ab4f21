"""Sets of images and label maps: what nibabel and ITK read of them, and that names and headers tell no case from another."""

from __future__ import annotations

import csv
import gzip
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from evaluators.phantoms.labelled import LabelledImage, write_labelled_set

nibabel: Any = import_module("nibabel")
sitk: Any = import_module("SimpleITK")

AFFINE = np.array([[-2.0, 0, 0, 8], [0, 1.5, 0, -6], [0, 0, 3, 1], [0, 0, 0, 1]])
SHAPE = (5, 6, 4)


def case(number: int, *, modality: str, offset: float = 0) -> LabelledImage:
    image = np.arange(120, dtype=np.float32).reshape(SHAPE) * number + offset
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[number, 2:4, 1] = 1
    return LabelledImage(
        image=image, labels=labels, affine=AFFINE, subject=f"P{number:03d}", strata={"modality": modality}
    )


def written(root: Path) -> list[dict[str, str]]:
    cases = [case(1, modality="t1"), case(1, modality="flair", offset=3.4), case(2, modality="t1")]
    write_labelled_set(root=root, set_name="TestSet", cases=cases, classes={1: "lesion"})
    with (root / "TestSet.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nibabel_and_itk_read_the_same_voxels_in_the_same_places(tmp_path: Path) -> None:
    rows = written(tmp_path)
    image = nibabel.load(tmp_path / rows[1]["image"])
    assert np.array_equal(np.asarray(image.dataobj), np.rint(case(1, modality="flair", offset=3.4).image))
    assert np.allclose(image.affine, AFFINE)
    for column in ("image", "labels"):
        other = sitk.ReadImage(str(tmp_path / rows[1][column]))
        assert np.allclose(other.GetSpacing(), (2, 1.5, 3))
        # LPS: x and y change sign
        assert np.allclose(other.TransformIndexToPhysicalPoint((1, 2, 3)), (-6, 3, 10))


def test_a_row_a_case_says_subject_and_strata(tmp_path: Path) -> None:
    rows = written(tmp_path)
    assert [(row["subject"], row["modality"]) for row in rows] == [("P001", "t1"), ("P001", "flair"), ("P002", "t1")]
    assert json.loads((tmp_path / "dataset.json").read_text())["labels"] == {"background": 0, "lesion": 1}


def test_neither_name_nor_header_tells_one_modality_from_another(tmp_path: Path) -> None:
    rows = written(tmp_path)
    heads = {gzip.decompress((tmp_path / row["image"]).read_bytes())[:352] for row in rows}
    assert len(heads) == 1
    assert not any(word in row["image"] for row in rows for word in ("t1", "flair", "P0"))
    # name and time of a gzip member
    assert {(tmp_path / row["image"]).read_bytes()[3:8] for row in rows} == {bytes(5)}


def test_equal_data_give_equal_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) == 8
    assert all((tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes() for path in files)
