"""Reconstruction: undersampled k-space in, magnitude images out. Metrics are named by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, OutputSpec, Scorable
from evaluators.contract.metrics import Choice
from evaluators.contract.tasks import KindOffer, ReferencePart, RunMode, TaskSpec
from evaluators.metrics.image.scaled import FAINTEST, Scaled
from evaluators.tasks.normalisation import AS_CALLED, ORDERS, SCALES, SWAPPED, over_range, swap
from evaluators.tasks.regions import REGIONS, cut, ranked_shape
from evaluators.tasks.registry import ReferenceProblem, References, TaskProblem, settle, settle_use, task_kind

Real = NDArray[np.floating[Any]]


@task_kind
@dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """One magnitude scan a case, on the grid of the fully sampled reference; multi-coil or single-coil, of any year.

    Container sees   /input/.../cine_sax.mat    kspace_sub04 (kx, ky, coil, slice, frame) complex, and its mask (kx, ky)
    Container writes /output/.../cine_sax.mat   one variable (x, y, slice, frame), real, float32; any scale a picture but for fastmri
    Scorer holds     a .npy                     (x, y, slice, frame) float32, root sum of squares over coils

    Still scans have one frame, which a file may leave out. With `shape: ranked` a file holds what run4Ranking.m keeps.
    Negative values are scored as they stand; complex ones are refused (BAD_VALUE): the challenge asks for magnitudes,"""

    key: ClassVar[str] = "reconstruction"
    axes: ClassVar[str] = "x y slice frame"
    offer: ClassVar[KindOffer] = KindOffer(
        title="Image reconstruction",
        modes=(RunMode.BATCH, RunMode.PER_CASE),
        layouts=(
            "cmrxrecon-2023",
            "cmrxrecon-2023-single",
            "cmrxrecon-2024-task1",
            "cmrxrecon-2024-task2",
            "cmrxrecon-2025-r1",
            "cmrxrecon-2025-r2",
            "cmrxrecon-2025-s1",
            "cmrxrecon-2025-s2",
        ),
        formats=("mat-v7", "mat-v7.3"),
        metrics=("ssim", "psnr", "nmse"),
        options={
            "normalisation": Choice(values={name: scale.words for name, scale in SCALES.items()}),
            "order": Choice(values=dict(ORDERS)),
            "region": Choice(values={name: region.words for name, region in REGIONS.items()}),
        },
        references=(ReferencePart(title="image"),),
        ranked={"region": "challenge-crop"},
    )

    def expects(self, *, case: JobCase, task: TaskSpec) -> tuple[OutputSpec, ...]:
        """One file at the path that the task names. Raises TaskProblem."""
        ranked = task.output.shape == "ranked"
        for use in task.metrics:
            settle_use(use, offer=self.offer)
            if ranked and (problem := self.offer.ranked_problem(use)):
                raise TaskProblem(problem)
        if task.output.axes != self.axes or len(case.shape) != 4:
            raise TaskProblem(
                f"axes must be {self.axes!r} with one size each, not {task.output.axes!r} with {case.shape}"
            )
        if unknown := sorted(set(task.output.formats) - set(self.offer.formats)):
            raise TaskProblem(f"format {unknown[0]!r} is not served; there are {', '.join(self.offer.formats)}")
        return (
            OutputSpec(
                path=case.output,
                variable=task.output.variable,
                shape=ranked_shape(case.shape, scan=scan_of(case)) if ranked else case.shape,
                dtypes=("f4", "f8"),
                formats=task.output.formats,
            ),
        )

    def check_references(self, references: References, *, case: JobCase) -> None:
        """Shape as promised, every value finite; whether it has signal is asked of each region. Raises ReferenceProblem."""
        image = references[""]
        if image.shape != case.shape:
            raise ReferenceProblem(f"shape {image.shape}, the dataset says {case.shape}")
        if not np.isfinite(image).all():
            raise ReferenceProblem("NaN or infinity among the values")

    def pair(
        self, *, prediction: Real, references: References, case: JobCase, task: TaskSpec, options: Mapping[str, str]
    ) -> Scorable:
        """`line_up`, after cutting both to the region; a file that holds the ranked part alone is cut already.

        Raises TaskProblem, ReferenceProblem.
        """
        settled = settle(options, accepted=self.offer.options_of(self.offer.metrics[0]))
        region, scan = settled["region"], scan_of(case)
        found = prediction if task.output.shape == "ranked" else cut(prediction, region=region, scan=scan)
        first, second = line_up(found, cut(references[""], region=region, scan=scan), options=settled)
        return Scorable(prediction=first, reference=second, axes=self.axes)

    def combine(self, values: NDArray[np.float64], *, task: TaskSpec, options: Mapping[str, str]) -> float:  # noqa: ARG002
        """Mean over slices and frames (slice, frame), every picture weighing the same."""
        return float(values.mean())


def line_up(prediction: Real, reference: Real, *, options: Mapping[str, str]) -> tuple[Scaled, Scaled]:
    """Both as the metrics take them: on the scale of `normalisation`, in the `order` that it asks for.

    prediction, reference: (x, y, ...), the same region already: the challenge's maximum is that of the cropped picture.
    Under the order `as_called` the metrics get the two swapped in the years whose scripts do so: the prediction then gives
    the data range and NMSE's denominator. Raises ReferenceProblem.
    """
    scale = SCALES[options["normalisation"]].apply
    found, target = scale(prediction), scale(reference)
    if (target.peak <= FAINTEST).any():
        raise ReferenceProblem(f"a picture without energy in the region {options['region']}")
    swapped = options["order"] == AS_CALLED and options["normalisation"] in SWAPPED
    return over_range(swap(found, target) if swapped else (found, target))


def scan_of(case: JobCase) -> str:
    """The name of the file that the case's k-space came in: it tells cine from mapping."""
    return PurePosixPath(case.inputs[0].path).name
