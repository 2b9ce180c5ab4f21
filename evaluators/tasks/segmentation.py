"""Segmentation: an image of two or three axes in, a map of class labels on the same grid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import LABEL_DTYPES, JobCase, OutputSpec
from evaluators.contract.datasets import spacing_of
from evaluators.contract.tasks import ALL_CLASSES, CLASS, KindOffer, ReferencePart, RunMode, TaskSpec
from evaluators.metrics.labels import LabelPair
from evaluators.tasks.registry import ReferenceProblem, References, TaskProblem, settle_use, task_kind

_AXES = ("x y", "x y z")


@task_kind
@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """One label map a case, on the grid of its image; any number of classes, one label a voxel.

    Container sees   /input/.../<image>         one file or one a modality, as the layout has them
    Container writes /output/.../<segmentation> NIfTI or MetaImage (x, y) or (x, y, z), whole numbers: 0 and the task's classes
    Scorer holds     a .npy                     the same axes, unsigned integers, the same labels

    Files must agree with the case's affine to 1e-3 mm. A column judges one class, or one region (several labels as one
    mask, as BraTS's whole tumour is); or it takes the mean over all regions, over all classes where the task names no
    region, each weighing the same. What neither map has counts as its metric's rule for two empty masks says."""

    key: ClassVar[str] = "segmentation"
    offer: ClassVar[KindOffer] = KindOffer(
        title="Segmentation",
        modes=(RunMode.BATCH, RunMode.PER_CASE),
        layouts=(
            "image-and-labels",
            "brats-2021",
            "brats-2023",
            "brats-2024-gli",
            "isles-2022",
            "nnunet",
            "decathlon",
        ),
        formats=("nifti", "mha"),
        metrics=(
            "dice",
            "iou",
            "hd95",
            "nsd",
            "assd",
            "volume_error",
            "lesion_dice",
            "lesion_hd95",
            "lesion_f1",
            "panoptic_quality",
            "cldice",
            "betti_error",
            "betti_matching",
            "euler_error",
        ),
        options={},
        references=(ReferencePart(title="label map", kinds="u"),),
        labels=True,
    )

    def expects(self, *, case: JobCase, task: TaskSpec) -> tuple[OutputSpec, ...]:
        """One file at the path that the task names, on the case's grid. Raises TaskProblem."""
        output = task.output
        if not output.classes:
            raise TaskProblem("output needs the classes that a label map holds, such as {1: tumour}")
        for use in task.metrics:
            settle_use(use, offer=self.offer, output=output)
        if output.axes not in _AXES or len(output.axes.split()) != len(case.shape):
            raise TaskProblem(
                f"axes must be one of {', '.join(map(repr, _AXES))} with one size each, not {output.axes!r} with {case.shape}"
            )
        if output.shape == "ranked":
            raise TaskProblem("files that hold the ranked part alone are not served by this kind")
        if unknown := sorted(set(output.formats) - set(self.offer.formats)):
            raise TaskProblem(f"format {unknown[0]!r} is not served; there are {', '.join(self.offer.formats)}")
        return (
            OutputSpec(
                path=case.output,
                shape=case.shape,
                dtypes=LABEL_DTYPES,
                formats=output.formats,
                affine=case.affine,
                labels=frozenset({0, *output.classes}),
            ),
        )

    def check_references(self, references: References, *, case: JobCase) -> None:
        """Shape as promised, and a grid to measure on. Raises ReferenceProblem."""
        labels = references[""]
        if labels.shape != case.shape:
            raise ReferenceProblem(f"shape {labels.shape}, the dataset says {case.shape}")
        if case.affine is None:
            raise ReferenceProblem("the dataset does not say where its voxels lie (affine)")
        if not all(spacing_of(case.affine, axes=len(case.shape))):
            raise ReferenceProblem("an affine with a spacing of zero")

    def pair(
        self,
        *,
        prediction: NDArray[Any],
        references: References,
        case: JobCase,
        task: TaskSpec,
        options: Mapping[str, str],  # noqa: ARG002 - all columns share one pair
    ) -> LabelPair:
        """Both maps with the case's spacing, every class and region that a column asks for. Raises ReferenceProblem."""
        reference, known = references[""], {0, *task.output.classes}
        if unknown := sorted(set(np.unique(reference).tolist()) - known):
            raise ReferenceProblem(f"label {unknown[0]}; the task knows {', '.join(map(str, sorted(known)))}")
        if case.affine is None:
            raise ReferenceProblem("the dataset does not say where its voxels lie (affine)")
        return LabelPair(
            prediction=prediction,
            reference=reference,
            classes=tuple(_asked(task).values()),
            spacing=spacing_of(case.affine, axes=len(case.shape)),
        )

    def combine(self, values: NDArray[np.float64], *, task: TaskSpec, options: Mapping[str, str]) -> float:
        """The class or region that `options` name, or the mean. values: (class,), in the order of `pair`."""
        chosen = options.get(CLASS, ALL_CLASSES)
        names = list(_asked(task))
        if chosen == ALL_CLASSES:
            return float(values[[names.index(name) for name in task.output.averaged]].mean())
        return float(values[names.index(chosen)])


def _asked(task: TaskSpec) -> dict[str, tuple[int, ...]]:
    """Name -> labels of what the task's columns judge: nothing else is measured."""
    named = {use.options.get(CLASS, ALL_CLASSES) for use in task.metrics}
    if ALL_CLASSES in named:
        named |= set(task.output.averaged)
    return {name: labels for name, labels in task.output.judged.items() if name in named}
