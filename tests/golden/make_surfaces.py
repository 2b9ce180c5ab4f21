"""Writes surfaces.json from MONAI, medpy, surface-distance and SimpleITK: `var/bench/venv/bin/python -m tests.golden.make_surfaces`.

Run by hand when a peer or a row changes. Every peer gets one class at a time, as two masks. What peers leave open, a class
that one or both maps lack, follows the stated rule here: its rows name `rule` in place of a peer. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.golden.pictures import noise

PATH = Path(__file__).with_name("surfaces.json")
TOLERANCES = ("1", "3")
CLASSES = (1, 2, 3)
#: how the classes lie -> see `maps`; shape, spacing in mm
INPUTS: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = [
    ("blobs", (40, 33), (1.0, 1.0)),
    ("blobs", (37, 52), (0.7, 1.9)),
    ("blobs", (1, 45), (1.0, 2.0)),
    ("blobs", (24, 20, 16), (1.0, 1.0, 1.0)),
    ("blobs", (22, 26, 14), (1.5, 1.5, 3.0)),
    ("blobs", (15, 18, 21), (0.9, 2.1, 0.45)),
    ("blobs", (30, 24, 1), (1.25, 1.25, 8.0)),
    ("edges", (19, 23), (1.5, 1.1)),
    ("edges", (14, 16, 12), (2.0, 1.0, 3.0)),
    ("voxels", (9, 11), (1.3, 0.8)),
    ("voxels", (9, 7, 8), (1.5, 1.5, 3.0)),
    ("dust", (20, 24), (1.0, 1.7)),
    ("dust", (12, 14, 10), (1.2, 0.8, 2.5)),
    ("missing", (16, 20), (1.5, 2.0)),
    ("missing", (10, 12, 9), (1.5, 2.0, 4.0)),
]

Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def maps(kind: str, shape: tuple[int, ...], *, seed: int) -> tuple[Labels, Labels]:
    """(prediction, reference) with classes 1 to 3.

    blobs: ragged balls, the prediction's a little off. edges: the same, grown until they lie at the image's edges.
    voxels: of each class one voxel. dust: labels by chance. missing: blobs, without class 2 in the prediction, 3 in the
    reference and 1 in both.
    """
    if kind == "dust":
        first, second = (
            np.floor(noise(int(np.prod(shape)), seed=seed + turn) * 8).astype(np.uint8).reshape(shape)
            for turn in (0, 700)
        )
        return first, np.where(noise(first.size, seed=seed + 1).reshape(shape) < 0.5, first, second)
    prediction, reference = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
    for label in CLASSES:
        for drawn, turn in ((reference, 0), (prediction, 40)):
            places = noise(len(shape), seed=seed + 10 * label + turn // 40)
            if kind == "voxels":
                drawn[tuple((places * np.array(shape)).astype(int))] = label
            else:
                drawn[_ball(shape, label=label, seed=seed + turn, wide=kind == "edges")] = label
    if kind == "missing":
        prediction[(prediction == 2) | (prediction == 1)] = 0
        reference[(reference == 3) | (reference == 1)] = 0
    return prediction, reference


def _ball(shape: tuple[int, ...], *, label: int, seed: int, wide: bool) -> Mask:
    """Round a point near the middle of a third of the longest axis; `seed` moves it by up to two voxels along each axis."""
    centre = np.array(shape) / 2 + 4 * (noise(len(shape), seed=seed + label) - 0.5)
    longest = int(np.argmax(shape))
    centre[longest] = shape[longest] * (2 * label - 1) / 6
    axes = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    apart2 = np.sum([(axis - middle) ** 2 for axis, middle in zip(axes, centre, strict=True)], axis=0)
    ragged = noise(apart2.size, seed=seed + 3 * label).reshape(shape)
    radius = (0.7 if wide else 0.22) * sorted(shape)[-2 if len(shape) > 1 and sorted(shape)[-2] > 1 else -1]
    return np.asarray(apart2 < (radius * (0.75 + 0.3 * ragged)) ** 2)


def monai_hd95(prediction: Mask, reference: Mask, spacing: tuple[float, ...]) -> dict[str, float]:
    """MONAI's distances, their percentile in double precision; and what its own function makes of them in single."""
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance
    from monai.metrics.utils import get_edge_surface_distance

    p, r = _tensor(prediction), _tensor(reference)
    _, distances, _ = get_edge_surface_distance(p[0, 0], r[0, 0], spacing=list(spacing), symmetric=True)
    called = compute_hausdorff_distance(p, r, include_background=True, percentile=95, spacing=list(spacing))
    double = max(float(np.percentile(found.numpy().astype(np.float64), 95)) for found in distances)
    return {"value": double, "in_single_precision": float(called)}


def monai_nsd(prediction: Mask, reference: Mask, spacing: tuple[float, ...], *, tolerance: str, variant: str) -> float:
    from monai.metrics.surface_dice import compute_surface_dice

    return float(
        compute_surface_dice(
            _tensor(prediction),
            _tensor(reference),
            [float(tolerance)],
            include_background=True,
            spacing=list(spacing),
            use_subvoxels=variant == "surfel",
        )
    )


def _tensor(mask: Mask) -> Any:
    from torch import from_numpy

    return from_numpy(mask[None, None].astype(np.float32))


def surfel_distances(prediction: Mask, reference: Mask, spacing: tuple[float, ...]) -> Any:
    """Of surface-distance: what its HD95 and its surface Dice start from."""
    from surface_distance import compute_surface_distances  # type: ignore[import-not-found]

    return compute_surface_distances(reference, prediction, spacing)


def surface_rows(prediction: Mask, reference: Mask, spacing: tuple[float, ...]) -> Iterator[dict[str, Any]]:
    """Of two masks that are not empty."""
    from medpy.metric.binary import assd, hd95  # type: ignore[import-not-found]
    from surface_distance import compute_robust_hausdorff, compute_surface_dice_at_tolerance

    distances = surfel_distances(prediction, reference, spacing)
    yield _row("hd95", {"variant": "monai"}, peer="monai", **monai_hd95(prediction, reference, spacing))
    yield _row("hd95", {"variant": "medpy"}, peer="medpy", value=hd95(prediction, reference, spacing))
    yield _row(
        "hd95", {"variant": "deepmind"}, peer="surface-distance", value=compute_robust_hausdorff(distances, 95.0)
    )
    yield _row("assd", {}, peer="medpy", value=assd(prediction, reference, spacing))
    for tolerance in TOLERANCES:
        for variant in ("voxel", "surfel"):
            yield _row(
                "nsd",
                {"variant": variant, "tolerance": tolerance},
                peer="monai",
                value=monai_nsd(prediction, reference, spacing, tolerance=tolerance, variant=variant),
            )
        yield _row(
            "nsd",
            {"variant": "surfel", "tolerance": tolerance},
            peer="surface-distance",
            value=compute_surface_dice_at_tolerance(distances, float(tolerance)),
        )


def overlap_rows(prediction: Mask, reference: Mask) -> Iterator[dict[str, Any]]:
    """Of two masks that are not empty."""
    import SimpleITK  # type: ignore[import-not-found]
    from medpy.metric.binary import dc, jc, ravd

    overlap = SimpleITK.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (prediction, reference)))
    yield _row("dice", {}, peer="medpy", value=dc(prediction, reference))
    yield _row("iou", {}, peer="medpy", value=jc(prediction, reference))
    yield _row("volume_error", {"kind": "absolute_relative"}, peer="medpy", value=abs(ravd(prediction, reference)))
    yield _row("volume_error", {"kind": "symmetric"}, peer="SimpleITK", value=abs(overlap.GetVolumeSimilarity()) / 2)


def rule_rows(*, both: bool, diagonal: float) -> Iterator[dict[str, Any]]:
    """What counts where a mask is empty: the worst there is, and in mm the image's diagonal; none where both are."""
    for key, options in (
        *(("hd95", {"variant": variant}) for variant in ("monai", "medpy", "deepmind")),
        ("assd", {}),
    ):
        yield _row(key, options, peer="rule", value=0.0 if both else diagonal)
    for variant in ("voxel", "surfel"):
        yield _row("nsd", {"variant": variant, "tolerance": "3"}, peer="rule", value=float(both))
    for key in ("dice", "iou"):
        yield _row(key, {}, peer="rule", value=float(both))
    for kind in ("absolute_relative", "symmetric"):
        yield _row("volume_error", {"kind": kind}, peer="rule", value=1.0 - both)


def _row(key: str, options: dict[str, str], *, peer: str, **values: float) -> dict[str, Any]:
    return {"key": key, "options": options, "peer": peer, **{name: float(value) for name, value in values.items()}}


def rows() -> Iterator[dict[str, Any]]:
    for place, (kind, shape, spacing) in enumerate(INPUTS):
        seed = 1000 + 100 * place
        prediction, reference = maps(kind, shape, seed=seed)
        recipe = {"kind": kind, "shape": list(shape), "spacing": list(spacing), "seed": seed}
        diagonal = hypot(*(size * step for size, step in zip(shape, spacing, strict=True)))
        for label in CLASSES:
            masks = prediction == label, reference == label
            there = [bool(mask.any()) for mask in masks]
            if all(there):
                found = [*overlap_rows(*masks), *surface_rows(*masks, spacing)]
            else:
                found = list(rule_rows(both=not any(there), diagonal=diagonal))
            yield from ({**row, "inputs": recipe, "class": label} for row in found)


def main() -> None:
    # scipy says so on every call of surface-distance's old names
    warnings.simplefilter("ignore", DeprecationWarning)
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_surfaces",
        "versions": {
            **{
                name: version(name)
                for name in ("monai", "medpy", "surface-distance", "SimpleITK", "torch", "scipy", "numpy")
            },
            "python": platform.python_version(),
        },
        "inputs": "maps() of this script: prediction and reference, three classes",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
