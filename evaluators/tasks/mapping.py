"""Mapping: undersampled k-space of a T1 or T2 mapping scan in, its contrast images out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from evaluators.contract.cases import JobCase
from evaluators.contract.tasks import KindOffer, ReferencePart
from evaluators.tasks.reconstruction import Reconstruction
from evaluators.tasks.registry import ReferenceProblem, References, task_kind


@task_kind
@dataclass(frozen=True, kw_only=True)
class ParametricMapping(Reconstruction):
    """The weighted images of one mapping scan a case; what a team writes is what it would write for a cine.

    Container sees   /input/.../T1map.mat       kspace_sub04 (kx, ky, coil, slice, contrast) complex, its mask and T1map.csv
    Container writes /output/.../T1map.mat      one variable (x, y, slice, contrast), real, float32
    Scorer holds     T1map.npy                  (x, y, slice, contrast) float32
                     T1map_times.npy            (slice, contrast) float32, inversion or T2-preparation times in ms
    """

    key: ClassVar[str] = "mapping"
    axes: ClassVar[str] = "x y slice contrast"
    offer: ClassVar[KindOffer] = Reconstruction.offer.model_copy(
        update={
            "title": "Parametric mapping",
            "layouts": ("cmrxrecon-2023-mapping", "cmrxrecon-2023-mapping-single"),
            "references": (
                *Reconstruction.offer.references,
                ReferencePart(name="times", title="times of its contrasts"),
            ),
        }
    )

    def check_references(self, references: References, *, case: JobCase) -> None:
        """As a cine's; and a time for each slice and contrast. Raises ReferenceProblem."""
        super().check_references(references, case=case)
        times = references["times"]
        if times.shape != case.shape[2:]:
            raise ReferenceProblem(f"times (slice, contrast) of shape {times.shape}, the images have {case.shape[2:]}")
        if not (np.isfinite(times).all() and (times >= 0).all()):
            raise ReferenceProblem("a negative time, NaN or infinity among the times")
