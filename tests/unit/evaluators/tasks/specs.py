"""A reconstruction task and a case of it, as a challenge file would give them."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.contract.cases import JobCase, Scorable
from evaluators.contract.datasets import FileRef
from evaluators.contract.tasks import TaskSpec
from evaluators.scoring import case as scoring
from evaluators.tasks import KINDS

BY_OWN_MAXIMUM = {"normalisation": "cmrxrecon2023"}


def reconstruction_task(**changes: Any) -> TaskSpec:
    """The demo's task: three metrics on the challenge's crop and again on the full frame."""
    metrics: list[dict[str, Any]] = [
        {"metric": key, **BY_OWN_MAXIMUM, "region": "challenge-crop"} for key in ("ssim", "psnr", "nmse")
    ]
    metrics += [
        {"metric": key, "as": f"{key}_full", **BY_OWN_MAXIMUM, "region": "full", "ranks": False, "column": "more"}
        for key in ("ssim", "psnr", "nmse")
    ]
    document: dict[str, Any] = {
        "kind": "reconstruction",
        "layout": "cmrxrecon-2023",
        "input": "MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat",
        "output": {
            "formats": ["mat-v7", "mat-v7.3"],
            "variable": "img4ranking",
            "dtype": "float32",
            "axes": "x y slice frame",
        },
        "case": ["subject", "af", "view"],
        "independent": "subject",
        "strata": {"af": {"title": "Acceleration", "values": [4, 8, 10]}},
        "metrics": metrics,
        "ranking": {"rule": "mean_then_rank", "missing": "worst"},
    }
    return TaskSpec.model_validate({**document, **changes})


def job_case(
    *, index: int = 0, shape: tuple[int, ...] = (24, 20, 3, 4), subject: str = "P001", reference: FileRef | None = None
) -> JobCase:
    """One case; its reference need not exist."""
    stem = f"MultiCoil/Cine/TestSet/AccFactor04/{subject}/cine_sax"
    some = FileRef(path=f"{stem}.mat", sha256="0" * 64, size=1)
    mask = FileRef(path=f"{stem}_mask.mat", sha256="1" * 64, size=1)
    held = reference or FileRef(path="cine_sax.npy", sha256="2" * 64, size=1)
    return JobCase(index=index, strata={"af": "4"}, inputs=(some, mask), references=(held,), shape=shape)


def measure(*, task: TaskSpec, prediction: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Column -> value for one cine of that shape."""
    case = job_case(shape=reference.shape)
    return scoring.measure(task=task, case=case, prediction=prediction, references={"": reference})


def paired(*, prediction: np.ndarray, reference: np.ndarray, options: dict[str, str], **changes: Any) -> Scorable:
    """Both as the kind lines them up for one use."""
    task = reconstruction_task(**changes)
    pair = KINDS[task.kind].pair(
        prediction=prediction,
        references={"": reference},
        case=job_case(shape=reference.shape),
        task=task,
        options=options,
    )
    assert isinstance(pair, Scorable)
    return pair
