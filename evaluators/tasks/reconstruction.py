"""Reconstruction: undersampled k-space in, magnitude images out. Metrics are named by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, OutputSpec, Scorable
from evaluators.contract.tasks import KindOffer, RunMode, TaskSpec
from evaluators.tasks.normalisation import AS_CALLED, FAINTEST, ORDERS, SCALES, SWAPPED, over_range, swap
from evaluators.tasks.regions import cut
from evaluators.tasks.registry import ReferenceProblem, TaskProblem, settle, settle_use, task_kind

Real = NDArray[np.floating[Any]]

AXES = "x y slice frame"


@task_kind
@dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """One magnitude cine a case, on the grid of the fully sampled reference.

    Container sees   /input/.../cine_sax.mat    kspace_sub04 (kx, ky, coil, slice, frame) complex, and its mask (kx, ky)
    Container writes /output/.../cine_sax.mat   one variable (x, y, slice, frame), real, float32; any scale a picture but for fastmri
    Scorer holds     a .npy                     (x, y, slice, frame) float32, root sum of squares over coils

    Negative values are scored as they stand; complex ones are refused (BAD_VALUE): the challenge asks for magnitudes,"""

    key: ClassVar[str] = "reconstruction"
    offer: ClassVar[KindOffer] = KindOffer(
        title="Image reconstruction",
        modes=(RunMode.BATCH,),
        layouts=("cmrxrecon-2023",),
        formats=("mat-v7", "mat-v7.3"),
        metrics=("ssim", "psnr", "nmse"),
        options={
            "normalisation": tuple(SCALES),
            "order": ORDERS,
            "region": ("challenge-crop", "full"),
        },
    )

    def expects(self, *, case: JobCase, task: TaskSpec) -> tuple[OutputSpec, ...]:
        """One file at the first input's own path. Raises TaskProblem."""
        for use in task.metrics:
            settle_use(use, offer=self.offer)
        if task.output.axes != AXES or len(case.shape) != 4:
            raise TaskProblem(f"axes must be {AXES!r} with one size each, not {task.output.axes!r} with {case.shape}")
        if unknown := sorted(set(task.output.formats) - set(self.offer.formats)):
            raise TaskProblem(f"format {unknown[0]!r} is not served; there are {', '.join(self.offer.formats)}")
        return (
            OutputSpec(
                path=case.output,
                variable=task.output.variable,
                shape=case.shape,
                dtypes=("f4", "f8"),
                formats=task.output.formats,
            ),
        )

    def check_reference(self, reference: Real, *, case: JobCase) -> None:
        """Shape as promised, every value finite; whether it has signal is asked of each region. Raises ReferenceProblem."""
        if reference.shape != case.shape:
            raise ReferenceProblem(f"shape {reference.shape}, the dataset says {case.shape}")
        if not np.isfinite(reference).all():
            raise ReferenceProblem("NaN or infinity among the values")

    def pair(self, *, prediction: Real, reference: Real, options: Mapping[str, str]) -> Scorable:
        """Region first, scale second, in the challenge's own order: the maximum is that of the cropped picture.

        prediction, reference: (x, y, slice, frame), the same shape. Under the order `as_called` the metrics get the two
        swapped in the years whose scripts do so: the prediction then gives the data range and NMSE's denominator.
        Raises TaskProblem, ReferenceProblem.
        """
        settled = settle(options, offer=self.offer)
        region, scale = settled["region"], SCALES[settled["normalisation"]]
        found, target = (scale(cut(volume, region=region)) for volume in (prediction, reference))
        if (target.peak <= FAINTEST).any():
            raise ReferenceProblem(f"a picture without energy in the region {region}")
        swapped = settled["order"] == AS_CALLED and settled["normalisation"] in SWAPPED
        first, second = over_range(swap(found, target) if swapped else (found, target))
        return Scorable(prediction=first, reference=second, axes=AXES)

    def combine(self, values: NDArray[np.float64]) -> float:
        """Mean over slices and frames (slice, frame), every picture weighing the same."""
        return float(values.mean())
