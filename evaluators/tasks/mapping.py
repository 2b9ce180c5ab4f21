"""Mapping: undersampled k-space of a T1 or T2 mapping scan in, its contrast images out, judged by the maps that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, Scorable
from evaluators.contract.metrics import Choice
from evaluators.contract.tasks import KindOffer, ReferencePart, TaskSpec
from evaluators.relaxometry import BadSeries, fit_t1, fit_t2
from evaluators.tasks.reconstruction import Reconstruction, scan_of
from evaluators.tasks.regions import REGIONS
from evaluators.tasks.registry import ReferenceProblem, References, task_kind

Real = NDArray[np.floating[Any]]
Line = NDArray[np.float64]

#: longest times in ms that a map holds: beyond them nothing in the body is
LONGEST_T1, LONGEST_T2 = 5000.0, 2000.0
#: tissue -> its code in the labels: 1 left ventricle's blood, 2 myocardium, 3 right ventricle's blood
TISSUES: Mapping[str, int] = MappingProxyType({"myocardium": 2, "blood-pool": 1})
_OF_MAPS = ("map_rmse", "map_relative_error")
#: where the challenge measures in tissues
_ROI = "SegmentROI of CMRxRecon 2023, Mapping/Main_MapEvalution.py"


@task_kind
@dataclass(frozen=True, kw_only=True)
class ParametricMapping(Reconstruction):
    """The weighted images of one mapping scan a case; what a team writes is what it would write for a cine.

    Container sees   /input/.../T1map.mat       kspace_sub04 (kx, ky, coil, slice, contrast) complex, its mask and T1map.csv
    Container writes /output/.../T1map.mat      one variable (x, y, slice, contrast), real, float32, one scale a slice
    Scorer holds     T1map.npy                  (x, y, slice, contrast) float32
                     T1map_times.npy            (slice, contrast) float32, inversion or T2-preparation times in ms
                     T1map_label.npy            (x, y, slice) uint8, see TISSUES, for the errors of maps alone

    Image metrics are a cine's, every contrast counts. Errors of maps compare T1 or T2 as fitted to a team's images with
    T1 or T2 as fitted to the reference's, in the pixels of one tissue of all slices: no map is asked of a team. A gain of
    its own for every contrast spoils a map, and only that."""

    key: ClassVar[str] = "mapping"
    axes: ClassVar[str] = "x y slice contrast"
    offer: ClassVar[KindOffer] = Reconstruction.offer.model_copy(
        update={
            "title": "Parametric mapping",
            "layouts": ("cmrxrecon-2023-mapping", "cmrxrecon-2023-mapping-single"),
            "metrics": (*Reconstruction.offer.metrics, *_OF_MAPS),
            "options": {
                **Reconstruction.offer.options,
                "tissue": Choice(
                    values={
                        "myocardium": f"pixels of the label {TISSUES['myocardium']}, all slices; {_ROI}",
                        "blood-pool": f"pixels of the label {TISSUES['blood-pool']}, the left ventricle's blood, all slices; {_ROI}",
                    }
                ),
            },
            "takes": {
                **dict.fromkeys(Reconstruction.offer.metrics, tuple(Reconstruction.offer.options)),
                **dict.fromkeys(_OF_MAPS, ("tissue",)),
            },
            "references": (
                *Reconstruction.offer.references,
                ReferencePart(name="times", title="times of its contrasts"),
                ReferencePart(name="label", title="labels", kinds="u", metrics=_OF_MAPS),
            ),
        }
    )

    def check_references(self, references: References, *, case: JobCase) -> None:
        """As a cine's; a time for each slice and contrast; labels on the image's grid. Raises ReferenceProblem."""
        super().check_references(references, case=case)
        times = references["times"]
        if times.shape != case.shape[2:]:
            raise ReferenceProblem(f"times (slice, contrast) of shape {times.shape}, the images have {case.shape[2:]}")
        if not (np.isfinite(times).all() and (times >= 0).all()):
            raise ReferenceProblem("a negative time, NaN or infinity among the times")
        labels = references.get("label")
        if labels is not None and labels.shape != case.shape[:3]:
            raise ReferenceProblem(f"labels (x, y, slice) of shape {labels.shape}, the images have {case.shape[:3]}")

    def pair(
        self, *, prediction: Real, references: References, case: JobCase, task: TaskSpec, options: Mapping[str, str]
    ) -> Scorable:
        """Contrast images as a cine's frames; with a tissue, maps (x, y, slice) in ms and where they count.

        Where the reference's own images give no time, or one that is off the scale, nothing is compared.
        Raises TaskProblem, ReferenceProblem.
        """
        if "tissue" not in options:
            return super().pair(prediction=prediction, references=references, case=case, task=task, options=options)
        ranked = task.output.shape == "ranked"
        part = REGIONS["challenge-crop" if ranked else "full"].slices(case.shape, scan=scan_of(case))
        code = TISSUES[options["tissue"]]
        tissue = references["label"][part[:3]] == code
        if not tissue.any():
            raise ReferenceProblem(f"no pixel is labelled {options['tissue']} (code {code})")
        times = references["times"][part[2]]
        mine, _ = fitted(prediction, times=times, where=tissue, scan=scan_of(case))
        theirs, longest = fitted(references[""][part], times=times, where=tissue, scan=scan_of(case))
        known = (theirs > 0) & (theirs < longest)
        if not known.any():
            raise ReferenceProblem(f"its images give no time in any pixel of the {options['tissue']}")
        return Scorable(prediction=mine, reference=theirs, axes="x y slice", region=known)


def fitted(
    series: Real, *, times: NDArray[np.floating[Any]], where: NDArray[np.bool_], scan: str
) -> tuple[Line, float]:
    """(map of T1 or T2 (x, y, slice) in ms, the longest time that it may hold), fitted where asked and 0 elsewhere.

    series: (x, y, slice, contrast); times: (slice, contrast) ms; scan: the name of its file, T1map or T2map.
    An inversion time of 0 stands for an image that was not acquired. Raises ReferenceProblem.
    """
    inverted = scan.lower().startswith("t1map")
    if not inverted and not scan.lower().startswith("t2map"):
        raise ReferenceProblem(f"{scan} is neither a T1 nor a T2 mapping scan")
    found = np.zeros(where.shape)
    for number, row in enumerate(times):
        inside = where[:, :, number]
        if not inside.any():
            continue
        taken = row > 0 if inverted else np.ones(len(row), dtype=np.bool_)
        pixels, moments = series[:, :, number][inside][:, taken], row[taken].tolist()
        try:
            found[inside, number] = (
                fit_t1(pixels, moments, longest=LONGEST_T1).t1
                if inverted
                else fit_t2(pixels, moments, longest=LONGEST_T2).t2
            )
        except BadSeries as problem:
            # values are finite and as many as times: what is left are too few times
            raise ReferenceProblem(f"times of slice {number + 1}: {problem}") from problem
    return found, LONGEST_T1 if inverted else LONGEST_T2
