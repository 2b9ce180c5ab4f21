"""A phantom download imported under seal, answered under pseudonyms, scored: the whole chain without an engine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import NAME
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.pseudonyms import draw_pseudonyms
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.sealing import new_key
from evaluators.importers import LAYOUTS
from evaluators.importers.cmrxrecon2023_image import reference_image
from evaluators.phantoms.cine import write_cine_set
from evaluators.phantoms.sizes import CineSize
from evaluators.scoring.run import run_job
from tests.unit.evaluators.tasks.specs import reconstruction_task


def test_the_fully_sampled_images_score_perfectly_under_every_pseudonym(tmp_path: Path) -> None:
    size = CineSize(nx=48, ny=40, coils=3, slices=2, frames=3)
    write_cine_set(root=tmp_path, set_name="TestSet", subjects=2, seed=7, size=size)
    key = new_key()
    found = LAYOUTS["cmrxrecon"](
        root=tmp_path, set_name="TestSet", staging=tmp_path / "references", key=key, strata_of=None, seed="s"
    )
    names = draw_pseudonyms(groups=[case.group for case in found.manifest.cases], seed="evaluation")
    (tmp_path / "outputs").mkdir()
    manifest: dict[str, ArchivedFile] = {}
    cases: list[JobCase] = []
    for index, case in enumerate(found.manifest.cases):
        shown = tuple(
            file.model_copy(update={"path": file.path.replace(NAME, names[case.group])}) for file in case.inputs
        )
        cases.append(
            JobCase(index=index, strata=case.strata, inputs=shown, references=case.references, shape=case.shape)
        )
        full = tmp_path / "MultiCoil/Cine/TestSet/FullSample" / case.unit / f"cine_{case.strata['view']}.mat"
        scipy.io.savemat(tmp_path / "written.mat", {"img4ranking": 3 * reference_image(full)})
        content = (tmp_path / "written.mat").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        (tmp_path / "outputs" / digest).write_bytes(content)
        manifest[cases[-1].output] = ArchivedFile(sha256=digest, size=len(content))
    assert len(manifest) == len(cases) == 12
    job = ScorerJob(task=reconstruction_task(), cases=tuple(cases), key=key, manifest=dict(manifest))
    said: list[ScorerLine] = []
    run_job(job=job, outputs=tmp_path / "outputs", references=tmp_path / "references", tell=said.append)
    results = [line.result for line in said if line.result]
    assert [result.case for result in results] == list(range(12))
    for result in results:
        assert result.values["ssim"] == pytest.approx(1, abs=1e-6)
        assert result.values["nmse_full"] == pytest.approx(0, abs=1e-9)
        assert np.isfinite(result.values["psnr"])
