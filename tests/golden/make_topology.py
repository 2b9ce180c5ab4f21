"""Writes topology.json from gudhi, cripser and scikit-image. Run by hand: `var/bench/venv/bin/python -m tests.golden.make_topology`.

Rows of betti_matching come from nstucki/Betti-Matching-3D, which is on no package index: where its module `betti_matching` is
not importable, the rows that the file has are kept. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.golden.pictures import noise

PATH = Path(__file__).with_name("topology.json")
BETTI_MATCHING_COMMIT = "50d7379324c3987aeaf0935aa47fb20c56b8e116"
#: shape, width of the blobs, how much of the prediction is its own in eighths
FIELDS = [
    ((31, 40), 3, 3),
    ((64, 50), 5, 2),
    ((24, 24), 1, 4),
    ((18, 21, 16), 3, 3),
    ((30, 24, 20), 5, 2),
    ((10, 11, 12), 1, 1),
    ((9, 8, 1), 1, 2),
]
SEEDS = (3, 14, 25)

Mask = NDArray[np.bool_]


def fields(shape: tuple[int, ...], *, seed: int, width: int, change: int) -> tuple[Mask, Mask]:
    """(prediction, reference): blobs about `width` voxels wide over half of the image, in whole numbers."""
    size = int(np.prod(shape))
    first, second = (
        _blurred(np.floor(noise(size, seed=seed + place) * 4096).reshape(shape), width) for place in (0, 500)
    )
    middle = 2048 * width ** len(shape)
    return (8 - change) * first + change * second > 8 * middle, first > middle


def _blurred(values: NDArray[np.float64], width: int) -> NDArray[np.int64]:
    """Sums over boxes; the image is closed round its edges."""
    whole = values.astype(np.int64)
    for axis in range(whole.ndim):
        whole = np.sum([np.roll(whole, step, axis=axis) for step in range(width)], axis=0)
    return whole


def gudhi_betti(mask: Mask, connectivity: str) -> list[int]:
    from gudhi import CubicalComplex  # type: ignore[import-not-found]

    values = 1.0 - mask
    low = connectivity == "low"
    cubes = CubicalComplex(vertices=values) if low else CubicalComplex(top_dimensional_cells=values)
    cubes.compute_persistence()
    return [int(number) for number in cubes.persistent_betti_numbers(0, 0.5)[: mask.ndim]]


def cripser_betti(mask: Mask, connectivity: str) -> list[int]:
    import cripser  # type: ignore[import-not-found]
    import tcripser  # type: ignore[import-not-found]

    compute = cripser.computePH if connectivity == "low" else tcripser.computePH
    bars = compute(1.0 - mask, maxdim=mask.ndim - 1)
    alive = bars[(bars[:, 1] <= 0) & (bars[:, 2] > 0.5)]
    return [int((alive[:, 0] == dimension).sum()) for dimension in range(mask.ndim)]


def betti_rows(recipe: dict[str, Any], prediction: Mask, reference: Mask) -> Iterator[dict[str, Any]]:
    from skimage.measure import euler_number

    for connectivity in ("low", "high"):
        numbers = [gudhi_betti(mask, connectivity) for mask in (prediction, reference)]
        if numbers != [cripser_betti(mask, connectivity) for mask in (prediction, reference)]:
            raise SystemExit(f"gudhi and cripser differ on {recipe}, {connectivity}")
        for dimension in ("all", *map(str, range(prediction.ndim))):
            errors = np.abs(np.subtract(numbers[0], numbers[1]))
            yield {
                "key": "betti_error",
                "options": {"connectivity": connectivity, "dimension": dimension},
                "inputs": recipe,
                "betti_numbers": numbers,
                "value": float(errors.sum() if dimension == "all" else errors[int(dimension)]),
            }
        neighbours = 1 if connectivity == "low" else prediction.ndim
        # scikit-image's counts need a border of background
        euler = [int(euler_number(np.pad(mask, 1), connectivity=neighbours)) for mask in (prediction, reference)]  # type: ignore[no-untyped-call]
        yield {
            "key": "euler_error",
            "options": {"connectivity": connectivity},
            "inputs": recipe,
            "euler": euler,
            "value": float(abs(euler[0] - euler[1])),
        }


def cldice_row(recipe: dict[str, Any], prediction: Mask, reference: Mask) -> dict[str, Any]:
    """The formula of jocpae/clDice."""
    from skimage.morphology import skeletonize

    lines = [skeletonize(mask) for mask in (prediction, reference)]  # type: ignore[no-untyped-call]
    precision = (lines[0] & reference).sum() / lines[0].sum()
    sensitivity = (lines[1] & prediction).sum() / lines[1].sum()
    return {
        "key": "cldice",
        "options": {},
        "inputs": recipe,
        "skeleton_voxels": [int(line.sum()) for line in lines],
        "value": float(2 * precision * sensitivity / (precision + sensitivity)),
    }


def matching_row(recipe: dict[str, Any], prediction: Mask, reference: Mask) -> dict[str, Any]:
    """Numbers of the peer as it gives them: its oldest piece of each mask is neither matched nor unmatched."""
    from betti_matching import compute_matching  # type: ignore[import-not-found]

    found = compute_matching(
        1.0 - prediction,
        1.0 - reference,
        include_input1_unmatched_pairs=True,
        include_input2_unmatched_pairs=True,
    )
    unmatched = [found.num_unmatched_input1, found.num_unmatched_input2]
    return {
        "key": "betti_matching",
        "options": {"connectivity": "low", "pieces": "induced"},
        "inputs": recipe,
        "matched": [int(number) for number in found.num_matched],
        "value": float(np.sum(unmatched)),
    }


def rows() -> Iterator[dict[str, Any]]:
    kept = json.loads(PATH.read_text())["rows"] if PATH.exists() else []
    has_matching = find_spec("betti_matching") is not None
    for shape, width, change in FIELDS:
        for seed in SEEDS:
            recipe = {"shape": list(shape), "seed": seed, "width": width, "change": change}
            prediction, reference = fields(shape, seed=seed, width=width, change=change)
            yield from betti_rows(recipe, prediction, reference)
            yield cldice_row(recipe, prediction, reference)
            if has_matching:
                yield matching_row(recipe, prediction, reference)
    if not has_matching:
        yield from (row for row in kept if row["key"] == "betti_matching")


def main() -> None:
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_topology",
        "versions": {
            "gudhi": version("gudhi"),
            "cripser": version("cripser"),
            "scikit-image": version("scikit-image"),
            "Betti-Matching-3D": f"github nstucki/Betti-Matching-3D {BETTI_MATCHING_COMMIT}",
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "inputs": "fields() of this script: prediction and reference, one class",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
