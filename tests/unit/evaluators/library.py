"""Tasks of the library's challenge files, and what their columns say of a pair of label maps."""

from __future__ import annotations

import numpy as np
import yaml

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.tasks import TaskSpec
from evaluators.metrics import METRICS
from evaluators.tasks import KINDS
from evaluators.tasks.registry import settle_use
from tests.unit.assay.samples import LIBRARY

_FIELDS = ("kind", "mode", "layout", "input", "output", "case", "independent", "strata", "metrics", "ranking")


def tasks_of(name: str) -> dict[str, TaskSpec]:
    """The tasks of library/NAME.yaml by their names."""
    file = yaml.safe_load((LIBRARY / f"{name}.yaml").read_text())
    return {task["task"]: TaskSpec.model_validate({key: task[key] for key in _FIELDS}) for task in file["tasks"]}


def scored(task: TaskSpec, *, prediction: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Key of a column -> its value, with voxels of 1 mm."""
    kind = KINDS[task.kind]
    case = JobCase(
        index=0,
        strata={},
        inputs=(FileRef(path="P001/image.nii.gz", sha256="0" * 64, size=1),),
        references=(FileRef(path="labels.npy", sha256="0" * 64, size=1),),
        shape=reference.shape,
        affine=tuple(tuple(row) for row in np.eye(4).tolist()),
    )
    found = {}
    for use in task.metrics:
        of_kind, own = settle_use(use, offer=kind.offer, output=task.output)
        pair = kind.pair(prediction=prediction, references={"": reference}, case=case, task=task, options=of_kind)
        values = METRICS[use.metric].function(pair, **own)
        found[use.key] = kind.combine(np.asarray(values), task=task, options=of_kind)
    return found
