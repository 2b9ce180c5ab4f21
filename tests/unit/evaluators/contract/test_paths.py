"""Where a case must be answered: the path of its input, or one that the task writes with the same placeholders."""

from __future__ import annotations

import pytest

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef, reference_parts
from evaluators.contract.paths import PathMismatch, refill
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task

GIVEN = "{modality}/{set}/UnderSample_Task1/{subject}/{view}_kus_{pattern}{af}.mat"
WANTED = "{modality}/{set}/Task1/{subject}/{view}_kus_{pattern}{af}.mat"


def test_2024s_output_folder_has_another_name_than_its_input_folder() -> None:
    path = "Cine/TestSet/UnderSample_Task1/P007/cine_sax_kus_Uniform10.mat"
    assert refill(path, given=GIVEN, wanted=WANTED) == "Cine/TestSet/Task1/P007/cine_sax_kus_Uniform10.mat"


def test_a_pseudonym_that_is_not_drawn_yet_is_a_name_like_others() -> None:
    path = "Cine/TestSet/UnderSample_Task1/{name}/cine_sax_kus_Uniform4.mat"
    assert refill(path, given=GIVEN, wanted=WANTED) == "Cine/TestSet/Task1/{name}/cine_sax_kus_Uniform4.mat"


@pytest.mark.parametrize(
    "path",
    [
        "Cine/TestSet/Mask_Task1/P007/cine_sax_kus_Uniform10.mat",
        "Cine/TestSet/UnderSample_Task1/P007/deeper/cine_sax_kus_Uniform10.mat",
        "Cine/TestSet/UnderSample_Task1/P007/cine_sax.mat",
    ],
)
def test_a_path_of_another_form_is_told(path: str) -> None:
    with pytest.raises(PathMismatch, match="is not of the form"):
        refill(path, given=GIVEN, wanted=WANTED)


def test_digits_stand_for_digits_and_one_name_for_one_text() -> None:
    given = "A{af:02d}/{subject}/{subject}.mat"
    assert refill("A04/P001/P001.mat", given=given, wanted="{subject}-{af:02d}.mat") == "P001-04.mat"
    for other in ("Ax/P001/P001.mat", "A04/P001/P002.mat"):
        with pytest.raises(PathMismatch):
            refill(other, given=given, wanted="{subject}.mat")


def test_a_task_answers_at_its_inputs_path_or_where_it_says() -> None:
    task = reconstruction_task()
    first = job_case().inputs[0].path
    assert task.answer(first) == first
    other = task.model_copy(
        update={"output": task.output.model_copy(update={"path": "out/{subject}_{view}_{af:02d}.mat"})}
    )
    assert other.answer(first) == "out/P001_sax_04.mat"
    case = job_case()
    assert case.output == first
    assert case.model_copy(update={"answer": "out/P001.mat"}).output == "out/P001.mat"


def test_a_references_file_name_says_which_part_it_is() -> None:
    assert reference_parts(["a/T1map.npy", "a/T1map_times.npy", "a/T1map_label.npy"]) == {"": 0, "times": 1, "label": 2}
    # a file of another scan, or of another folder, is no part of this one
    assert reference_parts(["a/T1map.npy", "a/T2map_times.npy", "b/T1map_label.npy"]) == {"": 0}


def test_a_case_hands_its_references_out_by_part() -> None:
    files = [FileRef(path=f"T1map{end}.npy", sha256=str(n) * 64, size=1) for n, end in enumerate(["", "_label"])]
    case: JobCase = job_case().model_copy(update={"references": tuple(files)})
    assert case.parts == {"": files[0], "label": files[1]}
