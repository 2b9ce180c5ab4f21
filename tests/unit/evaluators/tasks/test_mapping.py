"""The mapping kind: contrasts scored as a cine's frames are, and what its references must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.sealing import new_key
from evaluators.contract.tasks import TaskSpec
from evaluators.scoring.case import score_case
from evaluators.scoring.errors import DatasetFault
from evaluators.tasks import KINDS
from evaluators.tasks.registry import ReferenceProblem, TaskProblem
from tests.golden.pictures import cine
from tests.unit.evaluators.scoring.store import Store
from tests.unit.evaluators.tasks.specs import BY_OWN_MAXIMUM, reconstruction_task

kind = KINDS["mapping"]
SHAPE = (24, 20, 3, 9)
TIMES = np.tile(np.linspace(100, 4000, 9, dtype=np.float32), (3, 1))


def mapping_task(**changes: object) -> TaskSpec:
    task = reconstruction_task(
        kind="mapping",
        layout="cmrxrecon-2023-mapping",
        input="MultiCoil/Mapping/{set}/AccFactor{af:02d}/{subject}/T1map.mat",
        case=["subject", "af"],
        metrics=[{"metric": key, **BY_OWN_MAXIMUM, "region": "challenge-crop"} for key in ("ssim", "psnr", "nmse")],
    )
    output = task.output.model_copy(update={"axes": "x y slice contrast", **changes})
    return task.model_copy(update={"output": output})


def mapping_case(*references: FileRef) -> JobCase:
    some = FileRef(path="MultiCoil/Mapping/TestSet/AccFactor04/P001/T1map.mat", sha256="0" * 64, size=1)
    return JobCase(index=0, strata={}, inputs=(some,), references=references or (some,), shape=SHAPE)


def test_the_axis_of_time_is_one_of_contrasts() -> None:
    (wanted,) = kind.expects(case=mapping_case(), task=mapping_task())
    assert (wanted.path, wanted.shape) == ("MultiCoil/Mapping/TestSet/AccFactor04/P001/T1map.mat", SHAPE)
    with pytest.raises(TaskProblem, match="axes must be 'x y slice contrast'"):
        kind.expects(case=mapping_case(), task=mapping_task(axes="x y slice frame"))


def test_a_ranked_file_holds_every_contrast() -> None:
    (wanted,) = kind.expects(case=mapping_case(), task=mapping_task(shape="ranked"))
    assert wanted.shape == (8, 10, 2, 9)


@pytest.mark.parametrize(
    ("times", "what"),
    [
        (TIMES[:2], r"times \(slice, contrast\) of shape \(2, 9\), the images have \(3, 9\)"),
        (TIMES.T, r"shape \(9, 3\)"),
        (-TIMES, "a negative time"),
        (TIMES * np.float32(np.nan), "NaN"),
    ],
)
def test_times_that_are_not_those_of_its_contrasts_are_the_datasets_fault(times: np.ndarray, what: str) -> None:
    _, reference = cine(SHAPE, seed=1)
    kind.check_references({"": reference, "times": TIMES}, case=mapping_case())
    with pytest.raises(ReferenceProblem, match=what):
        kind.check_references({"": reference, "times": times}, case=mapping_case())


@pytest.mark.parametrize("key", [None, new_key()], ids=["open", "sealed"])
def test_a_case_is_scored_with_all_its_references_and_none_of_them_may_be_missing_or_odd(
    tmp_path: Path, key: str | None
) -> None:
    store = Store(tmp_path, key=key)
    prediction, reference = cine(SHAPE, seed=1)
    answered = store.add(prediction=prediction, reference=reference)
    written = store.manifest[answered.output]
    assert isinstance(written, ArchivedFile)
    image = store.reference(reference, path="P001/T1map.npy")
    times = store.reference(TIMES, path="P001/T1map_times.npy")
    words = store.reference(TIMES.astype(np.int64), path="P001/T1map_times.npy")
    short = store.reference(TIMES[:1], path="P001/T1map_times.npy")
    others = store.reference(TIMES, path="P001/T2map_times.npy")

    def score(*references: FileRef) -> dict[str, float]:
        result = score_case(
            task=mapping_task(),
            case=mapping_case(*references),
            prediction=written.sha256,
            below=store.outputs,
            references=store.references,
            key=key,
        )
        assert result.failure is None
        return result.values

    assert set(score(image, times)) == {"ssim", "psnr", "nmse"}
    with pytest.raises(DatasetFault, match=r"P001/T1map\.npy: no times of its contrasts beside it"):
        score(image)
    with pytest.raises(DatasetFault, match="no times of its contrasts"):
        score(image, others)
    with pytest.raises(DatasetFault, match="holds int64, expected real floats"):
        score(image, words)
    with pytest.raises(DatasetFault, match=r"shape \(1, 9\)"):
        score(image, short)
