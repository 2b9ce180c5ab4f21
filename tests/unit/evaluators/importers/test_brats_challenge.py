"""The library's brats-2023-gli asks what its layout gives, and scores as BraTS 2023 did: region by region, lesion by lesion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.challenges.reading import read_file
from evaluators.contract.datasets import NAME
from evaluators.importers import LAYOUTS
from evaluators.importers.images.brats import TREES
from tests.unit.assay.samples import LIBRARY
from tests.unit.evaluators.importers.image_trees import write_brats
from tests.unit.evaluators.library import scored, tasks_of

TASK = tasks_of("brats-2023-gli")["segmentation"]
REGIONS = ("wt", "tc", "et")


def tumour(*corners: int) -> np.ndarray:
    """A tumour of 10 voxels along each side at each corner: oedema, in it an enhancing rim of 6, in it a core of 4."""
    labels = np.zeros((64, 16, 16), dtype=np.uint8)
    for corner in corners:
        for label, margin in ((2, 0), (3, 2), (1, 3)):
            labels[corner + margin : corner + 10 - margin, 3 + margin : 13 - margin, 3 + margin : 13 - margin] = label
    return labels


def test_the_file_reads_and_its_classes_are_those_of_the_layout() -> None:
    plan = read_file(text=(LIBRARY / "brats-2023-gli.yaml").read_text(), filename="brats-2023-gli.yaml")
    (task,) = plan.tasks
    (tree,) = (tree for tree in TREES if tree.key == task.spec.layout)
    assert set(task.spec.output.classes) == set(tree.classes)
    assert task.spec.output.judged["whole tumour"] == (1, 2, 3)
    assert task.spec.output.judged["tumour core"] == (1, 3)
    ranking = [(use.metric, use.options["class"], use.options["rule"]) for use in task.spec.metrics if use.ranks]
    assert ranking == [
        (metric, region, "brats2023-gli")
        for metric in ("lesion_dice", "lesion_hd95")
        for region in ("enhancing tumour", "tumour core", "whole tumour")
    ]


def test_every_visit_of_a_tree_has_its_own_answer(tmp_path: Path) -> None:
    write_brats(tmp_path / "data")
    found = LAYOUTS[TASK.layout](
        root=tmp_path / "data", set_name="TestSet", staging=tmp_path / "staging", key=None, seed="s"
    )
    answers = [TASK.answer(case.inputs[0].path.replace(NAME, case.group)) for case in found.manifest.cases]
    assert sorted(answers) == ["BraTS-GLI-00001-000.nii.gz", "BraTS-GLI-00001-001.nii.gz"]
    assert {len(case.shape) for case in found.manifest.cases} == {len(TASK.output.axes.split())}


@pytest.mark.parametrize("reference", [tumour(4), tumour(4, 40), tumour()])
def test_the_reference_itself_is_without_fault(reference: np.ndarray) -> None:
    found = scored(TASK, prediction=reference, reference=reference)
    assert {key: value for key, value in found.items() if value} == {
        f"{kind}_{region}": 1.0 for kind in ("dice", "whole_dice") for region in REGIONS
    }


def test_one_of_two_lesions_missed_is_half_and_the_penalty_of_374_mm_halved() -> None:
    found = scored(TASK, prediction=tumour(4), reference=tumour(4, 40))
    for region in REGIONS:
        assert found[f"dice_{region}"] == 0.5
        assert found[f"hd95_{region}"] == 187
        # the whole image tells no lesions apart
        assert found[f"whole_dice_{region}"] == pytest.approx(2 / 3)


def test_a_rim_called_core_costs_the_enhancing_tumour_alone() -> None:
    reference = tumour(4)
    found = scored(TASK, prediction=np.where(reference == 3, 1, reference).astype(np.uint8), reference=reference)
    assert (found["dice_wt"], found["dice_tc"], found["dice_et"]) == (1, 1, 0)
    assert (found["hd95_wt"], found["hd95_tc"], found["hd95_et"]) == (0, 0, 374)


def test_a_missing_case_counts_as_if_every_lesion_were_missed() -> None:
    found = scored(TASK, prediction=tumour(), reference=tumour(4))
    assert {found[f"dice_{region}"] for region in REGIONS} == {0}
    assert {found[f"hd95_{region}"] for region in REGIONS} == {374}
    assert TASK.ranking.missing == "worst"
