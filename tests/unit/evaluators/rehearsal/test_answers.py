"""The perfect answer as a dry run sends it: read by the readers that teams meet, and every metric at its best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluators.contract.cases import FLOAT_DTYPES, LABEL_DTYPES, JobCase, OutputSpec
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.sealing import new_key
from evaluators.contract.tasks import TaskSpec
from evaluators.importers import LAYOUTS
from evaluators.metrics import METRICS
from evaluators.phantoms.cine import write_cine_set
from evaluators.phantoms.sizes import CineSize
from evaluators.readers import prepare, read
from evaluators.rehearsal.answers import write_answers
from evaluators.rehearsal.writers import file_of
from evaluators.scoring.errors import DatasetFault
from evaluators.scoring.run import run_job
from tests.unit.evaluators.tasks.specs import reconstruction_task

#: 2 mm x 1 mm x 3 mm, turned about z, off the origin
AFFINE = ((0.0, -1.0, 0.0, 5.0), (2.0, 0.0, 0.0, -7.0), (0.0, 0.0, 3.0, 11.0), (0.0, 0.0, 0.0, 1.0))


@pytest.fixture
def scan(tmp_path: Path) -> tuple[str, tuple[JobCase, ...]]:
    """Key and cases of a sealed import; references lie in tmp_path/references."""
    write_cine_set(
        root=tmp_path, set_name="TestSet", subjects=1, seed=7, size=CineSize(nx=48, ny=40, coils=3, slices=2, frames=3)
    )
    key = new_key()
    found = LAYOUTS["cmrxrecon"](
        root=tmp_path, set_name="TestSet", staging=tmp_path / "references", key=key, strata_of=None, seed="s"
    )
    (tmp_path / "store").mkdir()
    return key, tuple(
        JobCase(index=index, strata=case.strata, inputs=case.inputs, references=case.references, shape=case.shape)
        for index, case in enumerate(found.manifest.cases)
    )


def _asked(task: TaskSpec, key: str, cases: tuple[JobCase, ...]) -> dict[str, object]:
    return {
        "task": task.model_dump(mode="json", by_alias=True), "key": key,
        "cases": [case.model_dump(mode="json") for case in cases],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "shape"), [("mat-v7", "as-reference"), ("mat-v7.3", "as-reference"), ("mat-v7", "ranked")]
)
def test_sealed_references_written_as_a_team_would_score_the_best_that_there_is(
    tmp_path: Path, scan: tuple[str, tuple[JobCase, ...]], format_: str, shape: str
) -> None:
    key, cases = scan
    plain = reconstruction_task()
    output = plain.output.model_copy(update={"formats": (format_,), "shape": shape})
    # a file of the ranked part alone has nothing of the full picture
    metrics = [use for use in plain.metrics if shape == "as-reference" or use.options.get("region") == "challenge-crop"]
    task = plain.model_copy(update={"output": output, "metrics": tuple(metrics)})
    assert task.metrics
    answer = write_answers(_asked(task, key, cases), references=tmp_path / "references", store=tmp_path / "store")

    manifest = {path: ArchivedFile.model_validate(file) for path, file in answer["files"].items()}
    assert manifest.keys() == {case.output for case in cases}
    said: list[ScorerLine] = []
    job = ScorerJob(task=task, cases=cases, key=key, manifest=dict(manifest))
    run_job(job=job, outputs=tmp_path / "store", references=tmp_path / "references", tell=said.append)
    results = [line.result for line in said if line.result]
    assert [result.failure for result in results] == [None] * len(cases)
    for result in results:
        for use in task.metrics:
            spec = METRICS[use.metric].spec
            best = spec.bounds[1] if spec.better == "higher" else spec.bounds[0]
            assert result.values[use.key] == pytest.approx(best, abs=1e-6), use.key


def test_another_key_is_the_datasets_fault_and_no_answer(tmp_path: Path, scan: tuple[str, tuple[JobCase, ...]]) -> None:
    _, cases = scan
    asked = _asked(reconstruction_task(), new_key(), cases)
    with pytest.raises(DatasetFault):
        write_answers(asked, references=tmp_path / "references", store=tmp_path / "store")


@pytest.mark.parametrize("format_", ["mat-v7", "mat-v7.3", "npy", "npz"])
def test_arrays_are_read_back_as_they_were(tmp_path: Path, format_: str) -> None:
    values = np.random.default_rng(1).normal(size=(5, 4, 3, 2)).astype(np.float32)
    spec = OutputSpec(path="a", variable="image", shape=values.shape, dtypes=FLOAT_DTYPES, formats=(format_,))
    (tmp_path / "a").write_bytes(file_of(values, spec=spec))
    prepare(spec)
    assert np.array_equal(read(tmp_path / "a", spec=spec), values)


@pytest.mark.parametrize("format_", ["nifti", "mha"])
@pytest.mark.parametrize("top", [3, 900])
def test_label_maps_are_read_back_on_their_grid(tmp_path: Path, format_: str, top: int) -> None:
    labels = np.random.default_rng(2).integers(0, 2, size=(5, 4, 3)).astype(np.uint16) * top
    spec = OutputSpec(
        path="a", shape=labels.shape, dtypes=LABEL_DTYPES, formats=(format_,), affine=AFFINE, labels=frozenset({0, top})
    )  # fmt: skip
    (tmp_path / "a").write_bytes(file_of(labels, spec=spec))
    assert np.array_equal(read(tmp_path / "a", spec=spec), labels)
