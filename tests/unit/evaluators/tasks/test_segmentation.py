"""Segmentation: files that nibabel and SimpleITK write, scored class by class on the grid of the case."""

from __future__ import annotations

import hashlib
from importlib import import_module
from math import dist
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef, diagonal_of
from evaluators.contract.scores import CaseResult
from evaluators.contract.tasks import OutputFormat, TaskSpec
from evaluators.scoring.case import score_case
from evaluators.scoring.errors import DatasetFault
from evaluators.tasks.registry import TaskProblem

nibabel: Any = import_module("nibabel")
sitk: Any = import_module("SimpleITK")

SHAPE = (20, 18, 10)
#: x runs to the left, as most scanners store it
AFFINE = ((-1.0, 0.0, 0.0, 12.0), (0.0, 1.5, 0.0, -7.0), (0.0, 0.0, 3.0, 4.0), (0.0, 0.0, 0.0, 1.0))
METRICS: list[dict[str, Any]] = [
    {"metric": "dice"},
    {"metric": "dice", "as": "dice_core", "class": "core"},
    {"metric": "dice", "as": "dice_edema", "class": "edema"},
    {"metric": "hd95", "as": "hd95_core", "class": "core", "variant": "medpy"},
    {"metric": "assd", "as": "assd_core", "class": "core"},
    {"metric": "nsd", "as": "nsd_core", "class": "core", "tolerance": 1},
    {"metric": "lesion_f1", "as": "f1_core", "class": "core", "rule": "isles2022"},
]


def segmentation_task(*, axes: str = "x y z", **changes: Any) -> TaskSpec:
    return TaskSpec.model_validate(
        {
            "kind": "segmentation",
            "layout": "image-and-labels",
            "input": "{subject}/flair.nii.gz",
            "output": {"formats": ["nifti", "mha"], "dtype": "uint8", "axes": axes, "classes": {1: "core", 2: "edema"}},
            "case": ["subject"],
            "independent": "subject",
            "strata": {},
            "metrics": METRICS,
            "ranking": {"rule": "rank_then_mean", "missing": "worst"},
            **changes,
        }
    )


def labels_of(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    labels = np.zeros(shape, dtype=np.uint8)
    labels[2:14, 3:15] = 2
    labels[5:9, 6:10] = 1
    return labels


class Folder:
    """A folder with one reference, and what one container wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def nifti(self, labels: np.ndarray, *, affine: Any = AFFINE) -> Path:
        nibabel.Nifti1Image(labels, np.array(affine)).to_filename(self.path / "out.nii.gz")
        return self.path / "out.nii.gz"

    def mha(self, labels: np.ndarray) -> Path:
        image = sitk.GetImageFromArray(labels.T)
        image.SetSpacing([1.0, 1.5, 3.0][: labels.ndim])
        # LPS: x and y change sign
        image.SetDirection([1, 0, 0, 0, -1, 0, 0, 0, 1] if labels.ndim == 3 else [1, 0, 0, -1])
        image.SetOrigin([-12.0, 7.0, 4.0][: labels.ndim])
        sitk.WriteImage(image, str(self.path / "out.mha"))
        return self.path / "out.mha"

    def score(
        self, prediction: Path, *, reference: np.ndarray, task: TaskSpec | None = None, affine: Any = AFFINE
    ) -> CaseResult:
        np.save(self.path / "held.npy", reference)
        content = (self.path / "held.npy").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        (self.path / digest).write_bytes(content)
        case = JobCase(
            index=0,
            strata={},
            inputs=(FileRef(path="P001/flair.nii.gz", sha256="0" * 64, size=1),),
            references=(FileRef(path="held.npy", sha256=digest, size=len(content)),),
            shape=reference.shape,
            affine=affine,
        )
        return score_case(
            task=task or segmentation_task(), case=case, prediction=prediction, references=self.path, key=None
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("writer", ["nifti", "mha"])
def test_each_class_has_its_column_and_the_mean_weighs_them_alike(folder: Folder, writer: str) -> None:
    reference = labels_of()
    prediction = reference.copy()
    prediction[prediction == 1] = 0
    prediction[6:10, 6:10] = 1
    values = folder.score(getattr(folder, writer)(prediction), reference=reference).values
    core, edema = (
        2
        * np.sum((prediction == label) & (reference == label))
        / np.sum((prediction == label) * 1 + (reference == label))
        for label in (1, 2)
    )
    assert values["dice_core"] == pytest.approx(core) == 0.75
    assert values["dice_edema"] == pytest.approx(edema)
    assert values["dice"] == pytest.approx((core + edema) / 2)
    # one voxel along x, whose spacing is 1 mm
    assert values["hd95_core"] == 1.0
    assert values["nsd_core"] == 1.0
    assert values["f1_core"] == 1.0


def test_a_picture_is_scored_as_a_volume_is(folder: Folder) -> None:
    task = segmentation_task(axes="x y")
    reference = labels_of(SHAPE[:2])
    affine = ((-1.0, 0.0, 0.0, 12.0), (0.0, 1.5, 0.0, -7.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    written = [folder.nifti(np.roll(reference, 1, axis=1), affine=affine), folder.mha(np.roll(reference, 1, axis=1))]
    for path in written:
        values = folder.score(path, reference=reference, task=task, affine=affine).values
        assert (values["dice_core"], values["hd95_core"]) == (0.75, 1.5)


def test_what_finds_nothing_counts_the_diagonal_that_a_missing_case_counts(folder: Folder) -> None:
    reference = labels_of()
    values = folder.score(folder.nifti(np.zeros_like(reference)), reference=reference).values
    assert values["dice"] == values["f1_core"] == 0.0
    diagonal = dist((0, 0, 0), (20 * 1.0, 18 * 1.5, 10 * 3.0))
    assert values["hd95_core"] == values["assd_core"] == pytest.approx(diagonal)
    assert values["hd95_core"] == diagonal_of(AFFINE, shape=SHAPE)


def _flipped(folder: Folder) -> Path:
    return folder.nifti(labels_of(), affine=np.diag([-1, -1, 1, 1]) @ np.array(AFFINE))


def _moved(folder: Folder) -> Path:
    return folder.nifti(labels_of(), affine=np.array(AFFINE) + np.array([[0, 0, 0, 2]] + [[0] * 4] * 3))


def _unknown_label(folder: Folder) -> Path:
    return folder.nifti(labels_of() * 2)


def _between_labels(folder: Folder) -> Path:
    return folder.nifti(labels_of().astype(np.float32) * 0.5)


def _another_grid(folder: Folder) -> Path:
    return folder.nifti(labels_of((20, 18, 11)))


def _of_four_axes(folder: Folder) -> Path:
    return folder.nifti(np.stack([labels_of()] * 2, axis=-1))


def _empty(folder: Folder) -> Path:
    (folder.path / "out.nii.gz").write_bytes(b"")
    return folder.path / "out.nii.gz"


def _cut_short(folder: Folder) -> Path:
    path = folder.mha(labels_of())
    path.write_bytes(path.read_bytes()[:-100])
    return path


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (_flipped, "BAD_GRID"),
        (_moved, "BAD_GRID"),
        (_unknown_label, "BAD_VALUE"),
        (_between_labels, "BAD_VALUE"),
        (_another_grid, "BAD_SHAPE"),
        (_of_four_axes, "BAD_SHAPE"),
        (_empty, "BAD_FORMAT"),
        (_cut_short, "BAD_FORMAT"),
    ],
)
def test_a_file_that_is_no_label_map_on_this_grid_has_a_typed_failure(folder: Folder, write: Any, code: str) -> None:
    failure = folder.score(write(folder), reference=labels_of()).failure
    assert failure is not None
    assert failure.code == code


@pytest.mark.parametrize(
    ("reference", "affine", "words"),
    [
        pytest.param(labels_of() * 2, AFFINE, "label 4; the task knows 0, 1, 2", id="a label that the task has not"),
        pytest.param(labels_of(), None, "where its voxels lie", id="no affine"),
        pytest.param(labels_of().astype(np.float32), AFFINE, "expected unsigned integers", id="floats"),
    ],
)
def test_a_reference_that_does_not_fit_is_the_datasets_fault(
    folder: Folder, reference: np.ndarray, affine: Any, words: str
) -> None:
    with pytest.raises(DatasetFault, match=words):
        folder.score(folder.nifti(labels_of()), reference=reference, affine=affine)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"metrics": [{"metric": "dice", "class": "necrosis"}]},
            "class: 'necrosis' is not served; write one of mean, core",
        ),
        ({"metrics": [{"metric": "nsd"}]}, "nsd needs tolerance, a number in mm"),
        ({"axes": "z y x"}, "axes must be one of 'x y', 'x y z'"),
    ],
)
def test_a_task_that_cannot_be_served_says_what_to_write(folder: Folder, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TaskProblem, match=words):
        folder.score(folder.nifti(labels_of()), reference=labels_of(), task=segmentation_task(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"classes": {}}, "a label map has both"),
        ({"dtype": "float32"}, "a label map has both"),
        ({"classes": {0: "background"}}, "label 0 is no whole number from 1 on"),
        ({"classes": {300: "tumour"}}, "label 300 is no whole number from 1 on that uint8"),
        ({"classes": {1: "mean"}}, "'mean' cannot name a class"),
        ({"classes": {1: "tumour", 2: "tumour"}}, "two classes have one name"),
        ({"formats": ["npz"]}, "arrays in npz have names"),
        ({"regions": {"whole": [1, 2]}}, "region 'whole' has label 2, which no class names; there are 1 tumour"),
        ({"regions": {"whole": []}}, "region 'whole' needs labels, each once"),
        ({"regions": {"whole": [1, 1]}}, "region 'whole' needs labels, each once"),
        ({"regions": {"tumour": [1]}}, "a class and a region are both called 'tumour'"),
        ({"regions": {"mean": [1]}}, "'mean' cannot name a region"),
        (
            {"regions": {"whole": [1], "all": [1]}},
            "regions 'whole' and 'all' have the same labels|regions 'all' and 'whole'",
        ),
        ({"regions": {"whole": [1]}, "classes": {}, "dtype": "float32"}, "there are no class"),
    ],
)
def test_classes_of_an_output_have_labels_and_names_of_their_own(changes: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {"formats": ["nifti"], "dtype": "uint8", "axes": "x y z", "classes": {1: "tumour"}}
    assert OutputFormat.model_validate(good).classes == {1: "tumour"}
    with pytest.raises(ValidationError, match=words):
        OutputFormat.model_validate({**good, **changes})


BRATS: dict[str, Any] = {
    "formats": ["nifti"],
    "dtype": "uint8",
    "axes": "x y z",
    "classes": {1: "core", 2: "edema", 3: "enhancing"},
    "regions": {"whole tumour": [1, 2, 3], "tumour core": [1, 3]},
}


def tumour(*, shift: int = 0) -> np.ndarray:
    """Edema around an enhancing rim around a core."""
    labels = np.zeros(SHAPE, dtype=np.uint8)
    for label, margin in ((2, 0), (3, 2), (1, 3)):
        labels[2 + margin + shift : 14 - margin + shift, 3 + margin : 15 - margin, 1 + margin : 9 - margin] = label
    return labels


def test_a_region_is_scored_as_the_one_mask_that_its_labels_make(folder: Folder) -> None:
    kinds = [("dice", {}), ("hd95", {}), ("nsd", {"tolerance": 1}), ("lesion_dice", {}), ("volume_error", {})]
    regions = {name: frozenset(labels) for name, labels in BRATS["regions"].items()}
    columns = [
        {"metric": metric, "as": f"{metric} {name}", "class": name, **more}
        for metric, more in kinds
        for name in regions
    ]
    task = segmentation_task(output=BRATS, metrics=columns)
    found = folder.score(folder.nifti(tumour(shift=1)), reference=tumour(), task=task)
    for name, members in regions.items():
        # the same, with the region drawn as a class of its own
        alone = [{"metric": metric, **more} for metric, more in kinds]
        one = segmentation_task(output={**BRATS, "classes": {1: "all"}, "regions": {}}, metrics=alone)
        merged = [np.isin(labels, list(members)).astype(np.uint8) for labels in (tumour(shift=1), tumour())]
        wanted = folder.score(folder.nifti(merged[0]), reference=merged[1], task=one)
        for metric, _ in kinds:
            assert found.values[f"{metric} {name}"] == wanted.values[metric], (metric, name)
    assert 0 < found.values["dice tumour core"] < found.values["dice whole tumour"] < 1


def test_the_mean_is_over_regions_where_a_task_names_any(folder: Folder) -> None:
    columns = [{"metric": "dice"}, *({"metric": "dice", "as": name, "class": name} for name in BRATS["regions"])]
    whole = folder.score(
        folder.nifti(tumour(shift=1)), reference=tumour(), task=segmentation_task(output=BRATS, metrics=columns)
    )
    assert whole.values["dice"] == np.mean([whole.values[name] for name in BRATS["regions"]])
    plain = segmentation_task(output={**BRATS, "regions": {}}, metrics=[{"metric": "dice"}])
    of_classes = folder.score(folder.nifti(tumour(shift=1)), reference=tumour(), task=plain).values["dice"]
    assert of_classes != whole.values["dice"]


def test_a_class_and_a_region_stand_beside_each_other(folder: Folder) -> None:
    columns = [{"metric": "dice", "as": name, "class": name} for name in ("whole tumour", "core", "enhancing")]
    # the right tumour, its two inner parts taken for each other
    swapped = np.array([0, 3, 2, 1], dtype=np.uint8)[tumour()]
    found = folder.score(
        folder.nifti(swapped), reference=tumour(), task=segmentation_task(output=BRATS, metrics=columns)
    )
    assert found.values == {"whole tumour": 1.0, "core": 0.0, "enhancing": 0.0}
