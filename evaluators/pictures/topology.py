"""Where a label map's topology is wrong, as its pictures mark it: by the code that the task's topology metrics count with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.pictures import MOST_FAULTS, CountIn, FaultIn, TopologyIn
from evaluators.contract.tasks import ALL_CLASSES, CLASS, TaskSpec
from evaluators.metrics.topology.faults import Fault, feature_counts, find_faults
from evaluators.pictures.view import View
from evaluators.tasks.registry import settle_use
from evaluators.tasks.segmentation import Segmentation

Labels = NDArray[np.integer[Any]]

#: the metrics that count pieces, holes and cavities
_COUNTING = ("betti_error", "betti_matching", "euler_error")


def topology_of(prediction: Labels, reference: Labels, *, task: TaskSpec, view: View) -> TopologyIn | None:
    """Counts and faults of the classes and regions that the task's topology metrics judge; None where it has no such metric.

    prediction, reference: (x, y) or (x, y, z), the same shape. The connectivity is that of the first of these columns.
    Raises TaskProblem.
    """
    judged, connectivity = _asked(task)
    if not judged:
        return None
    counts: list[CountIn] = []
    faults: list[tuple[str, Fault]] = []
    found = 0
    for name, labels in judged.items():
        ours, theirs = np.isin(prediction, labels), np.isin(reference, labels)
        numbers = [feature_counts(mask, connectivity=connectivity) for mask in (ours, theirs)]
        counts += [
            CountIn(judged=name, feature=feature.value, prediction=number, reference=numbers[1][feature])
            for feature, number in numbers[0].items()
        ]
        here = find_faults(ours, theirs, connectivity=connectivity, most=MOST_FAULTS)
        found += here.found
        faults += [(name, fault) for fault in here.listed]
    faults.sort(key=lambda one: -one[1].voxels)
    told = tuple(_told(name, fault, view=view) for name, fault in faults[:MOST_FAULTS])
    return TopologyIn(connectivity=connectivity, counts=tuple(counts), faults=told, found=found)


def _asked(task: TaskSpec) -> tuple[Mapping[str, tuple[int, ...]], Any]:
    """(name -> labels, connectivity)"""
    names: set[str] = set()
    connectivity: Any = None
    for use in task.metrics:
        if use.metric not in _COUNTING:
            continue
        of_kind, own = settle_use(use, offer=Segmentation.offer, output=task.output)
        connectivity = connectivity or own["connectivity"]
        names |= set(task.output.averaged) if of_kind[CLASS] == ALL_CLASSES else {of_kind[CLASS]}
    return {name: labels for name, labels in task.output.judged.items() if name in names}, connectivity


def _told(name: str, fault: Fault, *, view: View) -> FaultIn:
    frame, x, y = view.place(fault.voxel)
    return FaultIn.model_validate(
        {
            "judged": name, "feature": fault.feature.value, "extra": fault.extra, "cause": fault.cause.value,
            "voxels": fault.voxels, "voxel": fault.voxel, "frame": frame, "x": x, "y": y,
        }
    )  # fmt: skip
