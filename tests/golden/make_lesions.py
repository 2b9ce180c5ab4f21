"""Writes lesions.json from panoptica, and from the rules of BraTS and ISLES stated over again, lesion by lesion.

`var/bench/venv/bin/python -m tests.golden.make_lesions`. Run by hand when a peer or a row changes. BraTS's script does not run
with today's pandas and ISLES's not with today's numpy: their rules are followed here with scipy, scikit-image and
surface-distance, one lesion after the other over whole images. What panoptica leaves open follows the stated rule: its rows
name `rule` in place of a peer. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from math import isfinite, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.golden.pictures import noise

PATH = Path(__file__).with_name("lesions.json")
#: voxels grown, mm^3 up to which a reference lesion is left out
BRATS = {"brats2023-gli": (3, 50.0), "brats2023-men": (1, 50.0), "brats2023-met": (1, 2.0)}
PENALTY = 374.0
THRESHOLDS = ("0.5", "0.2")
#: shape, spacing in mm, lesions drawn
INPUTS: list[tuple[tuple[int, ...], tuple[float, ...], int]] = [
    ((48, 44, 30), (1.0, 1.0, 1.0), 14),
    ((40, 40, 24), (1.0, 1.0, 1.0), 30),
    ((60, 36, 20), (1.0, 1.0, 2.5), 12),
    ((30, 34, 26), (0.8, 1.1, 0.9), 24),
    ((90, 80), (1.0, 1.0), 34),
    ((70, 75), (0.7, 1.9), 20),
    ((34, 22, 18), (1.0, 1.0, 1.0), 5),
]
#: which of the two maps keep their lesions
KEPT = ("both", "prediction", "reference", "neither")

Mask = NDArray[np.bool_]


def masks(shape: tuple[int, ...], *, lesions: int, seed: int, kept: str = "both") -> tuple[Mask, Mask]:
    """(prediction, reference): boxes with ragged borders, of which the prediction misses, moves, splits and adds some."""
    drawn = np.zeros((2, *shape), dtype=np.bool_)
    axes = len(shape)
    for place in range(lesions):
        numbers = noise(3 * axes + 2, seed=seed + 17 * place)
        start = (numbers[:axes] * np.array(shape)).astype(int)
        size = 1 + (numbers[axes : 2 * axes] ** 2 * 11).astype(int)
        move = np.round(3 * (numbers[2 * axes : 3 * axes] - 0.5)).astype(int)
        fate = numbers[-1]
        if fate > 0.15:
            drawn[1][_box(start, size)] = True
        if fate < 0.8:
            drawn[0][_box(start + move, size)] = True
        if fate < 0.4:
            drawn[0][_box(start + move + size // 2, np.array([1, *[30] * (axes - 1)]))] = False
    ragged = noise(drawn.size, seed=seed + 5).reshape(drawn.shape)
    drawn &= ragged > 0.03
    drawn[0] |= noise(prod(shape), seed=seed + 6).reshape(shape) > 0.9998
    return drawn[0] & (kept in {"both", "prediction"}), drawn[1] & (kept in {"both", "reference"})


def _box(start: NDArray[Any], size: NDArray[Any]) -> tuple[slice, ...]:
    return tuple(slice(max(0, int(a)), max(0, int(a + b))) for a, b in zip(start, size, strict=True))


def brats(prediction: Mask, reference: Mask, spacing: tuple[float, ...], *, rule: str) -> dict[str, float]:
    """Every lesion by itself: grown over the whole image, the components under it gathered, then Dice and HD95."""
    from scipy.ndimage import binary_dilation, generate_binary_structure
    from skimage.measure import label
    from surface_distance import compute_robust_hausdorff, compute_surface_distances  # type: ignore[import-not-found]

    voxels, limit = BRATS[rule]
    step = generate_binary_structure(reference.ndim, 2)
    grown = label(binary_dilation(reference, step, iterations=voxels), connectivity=reference.ndim)  # type: ignore[no-untyped-call]
    pieces = label(prediction, connectivity=reference.ndim)  # type: ignore[no-untyped-call]
    touching: set[int] = set()
    dices, distances, hits = [], [], 0
    for number in range(1, int(grown.max()) + 1):
        lesion = reference & (grown == number)
        under = set(np.unique(pieces[binary_dilation(lesion, step, iterations=voxels)]).tolist()) - {0}
        touching |= under
        if lesion.sum() * prod(spacing) <= limit:
            continue
        gathered = np.isin(pieces, sorted(under))
        hits += bool(under)
        dices.append(2 * (gathered & lesion).sum() / (gathered.sum() + lesion.sum()))
        far = compute_robust_hausdorff(compute_surface_distances(lesion, gathered, spacing), 95) if under else PENALTY
        distances.append(far if isfinite(far) else PENALTY)
    false = len(set(np.unique(pieces).tolist()) - {0} - touching)
    whole = len(dices) + false
    return {
        "lesion_dice": float(sum(dices) / whole) if whole else 1.0,
        "lesion_hd95": float((sum(distances) + false * PENALTY) / whole) if whole else 0.0,
        "lesion_f1": 2 * hits / (hits + whole) if whole else 1.0,
    }


def isles_f1(prediction: Mask, reference: Mask) -> float:
    """A component of either map is right where it has a voxel in common with the other map."""
    from skimage.measure import label

    right = []
    for mine, other in ((reference, prediction), (prediction, reference)):
        numbers = label(mine, connectivity=mine.ndim)  # type: ignore[no-untyped-call]
        right.append([bool(other[numbers == number].any()) for number in range(1, int(numbers.max()) + 1)])
    hits, missed, false = sum(right[0]), right[0].count(False), right[1].count(False)
    return hits / (hits + (false + missed) / 2) if hits + missed + false else 1.0


def panoptica(prediction: Mask, reference: Mask, *, threshold: str) -> dict[tuple[str, str], float]:
    """(quantity, overlap) -> its number, with its own choice of components."""
    from panoptica import (  # type: ignore[import-not-found]
        ConnectedComponentsInstanceApproximator,
        InputType,
        NaiveThresholdMatching,
        Panoptica_Evaluator,
    )
    from panoptica.metrics import Metric  # type: ignore[import-not-found]

    evaluator = Panoptica_Evaluator(
        expected_input=InputType.SEMANTIC,
        instance_approximator=ConnectedComponentsInstanceApproximator(),
        instance_matcher=NaiveThresholdMatching(matching_threshold=float(threshold)),
        instance_metrics=[Metric.DSC, Metric.IOU],
        global_metrics=[],
    )
    result = evaluator.evaluate(prediction.astype(np.uint8), reference.astype(np.uint8), verbose=False)["ungrouped"]
    return {
        ("rq", "iou"): result.rq,
        ("sq", "iou"): result.sq,
        ("pq", "iou"): result.pq,
        ("sq", "dice"): result.sq_dsc,
        ("pq", "dice"): result.pq_dsc,
    }


def found_rows(prediction: Mask, reference: Mask, spacing: tuple[float, ...]) -> Iterator[dict[str, Any]]:
    for rule in BRATS:
        for key, value in brats(prediction, reference, spacing, rule=rule).items():
            yield _row(key, {"rule": rule}, peer="BraTS 2023's rule", value=value)
    yield _row("lesion_f1", {"rule": "isles2022"}, peer="ISLES 2022's rule", value=isles_f1(prediction, reference))
    for threshold in THRESHOLDS:
        for (quantity, overlap), value in _panoptic(prediction, reference, threshold=threshold).items():
            options = {"quantity": quantity, "overlap": overlap, "threshold": threshold}
            there = prediction.any() and reference.any()
            yield _row("panoptic_quality", options, peer="panoptica" if there else "rule", value=value)


def _panoptic(prediction: Mask, reference: Mask, *, threshold: str) -> dict[tuple[str, str], float]:
    if prediction.any() and reference.any():
        return panoptica(prediction, reference, threshold=threshold)
    value = 0.0 if prediction.any() or reference.any() else 1.0
    return {
        ("rq", "iou"): value,
        ("sq", "iou"): value,
        ("pq", "iou"): value,
        ("sq", "dice"): value,
        ("pq", "dice"): value,
    }


def _row(key: str, options: dict[str, str], *, peer: str, value: float) -> dict[str, Any]:
    return {"key": key, "options": options, "peer": peer, "value": float(value)}


def rows() -> Iterator[dict[str, Any]]:
    for place, (shape, spacing, lesions) in enumerate(INPUTS):
        for kept in KEPT if place in {0, 4} else KEPT[:1]:
            seed = 3000 + 100 * place
            recipe = {"shape": list(shape), "spacing": list(spacing), "lesions": lesions, "seed": seed, "kept": kept}
            pair = masks(shape, lesions=lesions, seed=seed, kept=kept)
            yield from ({**row, "inputs": recipe} for row in found_rows(*pair, spacing))


def main() -> None:
    # scipy says so on every call of surface-distance's old names
    warnings.simplefilter("ignore", DeprecationWarning)
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_lesions",
        "versions": {
            **{
                name: version(name)
                for name in (
                    "panoptica",
                    "connected-components-3d",
                    "surface-distance",
                    "scikit-image",
                    "scipy",
                    "numpy",
                )
            },
            "python": platform.python_version(),
        },
        "inputs": "masks() of this script: prediction and reference, one class",
        "note": "the rules of BraTS 2023 (github.com/rachitsaluja/BraTS-2023-Metrics) and ISLES 2022 "
        "(github.com/ezequieldlrosa/isles22) are stated over again in this script, lesion by lesion: neither script runs "
        "unmodified with today's pandas and numpy",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
