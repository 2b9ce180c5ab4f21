"""Trees of NIfTI files as challenges hand them out: which cases they become, what a container sees, what the scorer holds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.contract.datasets import CaseManifest
from evaluators.importers import LAYOUTS
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems
from evaluators.tasks import KINDS
from tests.unit.evaluators.importers.image_trees import (
    AFFINE,
    SHAPE,
    TREES,
    labels,
    write_amos,
    write_brats,
    write_btcv,
    write_isles,
    write_sheet,
)


def imported(root: Path, layout: str, *, set_name: str = "TestSet", **words: Any) -> ImportedDataset:
    staging = root.parent / "staging"
    return LAYOUTS[layout](root=root, set_name=set_name, staging=staging, key=None, seed="s", **words)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def reference(found: ImportedDataset, case: CaseManifest) -> np.ndarray:
    loaded: np.ndarray = np.load(io.BytesIO(found.files[case.references[0].sha256].read_bytes()), allow_pickle=False)
    return loaded


@pytest.mark.parametrize("layout", list(TREES))
def test_a_good_tree_is_good_and_its_task_kind_serves_it(root: Path, layout: str) -> None:
    write, set_name = TREES[layout]
    write(root)
    found = imported(root, layout, set_name=set_name)
    assert found.manifest.layout == layout
    assert layout in KINDS["segmentation"].offer.layouts
    for case in found.manifest.cases:
        assert case.shape == SHAPE
        assert np.allclose(case.affine or (), AFFINE)
        assert reference(found, case).dtype == np.uint8
        assert all(found.files[one.sha256].is_file() for one in (*case.inputs, *case.references))
        assert all(case.unit not in one.path for one in case.inputs)


def test_visits_of_one_person_are_cases_of_one_subject(root: Path) -> None:
    write_brats(root)
    cases = imported(root, "brats-2023").manifest.cases
    assert {case.unit for case in cases} == {"BraTS-GLI-00001"}
    assert len({case.group for case in cases}) == 2
    assert [one.path for one in cases[0].inputs] == [
        f"{{name}}/{{name}}-{end}.nii.gz" for end in ("t1c", "t1n", "t2f", "t2w")
    ]


def test_labels_are_those_of_the_edition(root: Path) -> None:
    TREES["brats-2021"][0](root)
    found = imported(root, "brats-2021")
    assert np.array_equal(reference(found, found.manifest.cases[0]), labels(1, 2, 4))


def test_with_one_image_a_case_nothing_that_is_shown_tells_the_modality(root: Path) -> None:
    write_brats(root)
    manifest = imported(root, "brats-2023-one-image").manifest
    assert manifest.layout == "image-and-labels"
    assert {one.path for case in manifest.cases for one in case.inputs} == {"{name}/image.nii.gz"}
    assert sorted(case.strata["modality"] for case in manifest.cases) == sorted(["t1", "t1ce", "t2", "flair"] * 2)
    # each has a pseudonym of its own
    assert len({case.group for case in manifest.cases}) == 8


def test_a_stroke_is_outlined_on_its_diffusion_image(root: Path) -> None:
    write_isles(root)
    (case,) = imported(root, "isles-2022").manifest.cases
    assert case.inputs[0].path == "{name}/ses-0001/dwi/{name}_ses-0001_dwi.nii.gz"
    assert len(case.inputs) == 3
    one = imported(root, "isles-2022-one-image").manifest
    assert sorted(case.strata["modality"] for case in one.cases) == ["adc", "dwi"]


def test_lists_of_dataset_json_say_which_files_belong_together(root: Path) -> None:
    write_btcv(root)
    (case,) = imported(root, "decathlon", set_name="TrainingSet").manifest.cases
    assert (case.unit, case.inputs[0].path) == ("img0001", "{name}.nii.gz")
    assert case.references[0].path == "labelsTr/label0001.npy"


def test_without_a_list_both_files_of_a_case_have_one_name(root: Path) -> None:
    write_amos(root)
    (case,) = imported(root, "decathlon", set_name="ValidationSet").manifest.cases
    assert case.unit == "amos_0008"


def test_a_sheet_gives_subjects_and_strata(root: Path) -> None:
    write_sheet(root)
    cases = imported(root, "image-and-labels").manifest.cases
    assert sorted((case.unit, case.strata["modality"]) for case in cases) == [
        ("P001", "flair"),
        ("P001", "t1"),
        ("P002", "flair"),
    ]
    only = imported(root, "image-and-labels", only={"modality": frozenset({"t1"})})
    assert len(only.manifest.cases) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column image, labels, subject"),
        ("image,labels,subject\n", "wanted a line a case, found none"),
        ("image,labels,patient\na,b,c\n", "no column subject"),
        ("image,labels,subject\na,b\n", "wanted 3 cells a line, found 2 in 'a,b'"),
        ("image,labels,subject\na,,P1\n", "a value in every cell, found 'a,,P1' in line 2"),
        ("image,labels,subject\n../a,b,P1\n", "paths below the sheet's folder, found '../a,b,P1' in line 2"),
        ("image,labels,subject\na,b,P1\na,c,P2\n", "every image once, found a twice"),
    ],
)
def test_a_bad_sheet_is_told_with_its_line(root: Path, text: str, words: str) -> None:
    (root / "TestSet.csv").write_text(text)
    with pytest.raises(ImportProblems, match=r"TestSet\.csv: wanted") as told:
        imported(root, "image-and-labels")
    assert words in str(told.value)


def test_another_set_than_those_there_is_told_with_what_there_is(root: Path) -> None:
    write_sheet(root)
    with pytest.raises(ImportProblems, match=r"no such file; there is TestSet\.csv \(--set\)"):
        imported(root, "image-and-labels", set_name="TrainingSet")
    write_amos(root)
    with pytest.raises(ImportProblems, match="label maps are there for TrainingSet, ValidationSet"):
        imported(root, "decathlon")


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("brats-2023", "wanted a folder a case, such as BraTS-GLI-00001-000, found none"),
        ("isles-2022", "such as sub-strokecase0001, found none"),
        ("nnunet", "dataset.json: wanted a description of the set, found no such file"),
    ],
)
def test_a_folder_of_something_else_is_told_with_what_was_looked_for(root: Path, layout: str, words: str) -> None:
    with pytest.raises(ImportProblems) as told:
        imported(root, layout)
    assert words in str(told.value)
