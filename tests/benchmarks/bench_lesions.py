"""Panoptic quality against panoptica, and lesions by the hundred thousand against a limit.
`var/bench/venv/bin/python -m tests.benchmarks.bench_lesions`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.labels import LabelPair
from evaluators.metrics.lesions import lesion_dice, lesion_f1, lesion_hd95, panoptic_quality
from tests.benchmarks.harness import Contender, Row, compare, difference, main, within_limit
from tests.golden.make_lesions import Mask, brats, masks, panoptica

SHAPE, LESIONS = (160, 160, 96), 250
#: one lesion after the other over the whole image takes its time
SMALLER, FEWER = (72, 72, 48), 40
SPACING = (1.0, 1.0, 1.0)


def pair(prediction: NDArray[Any], reference: NDArray[Any]) -> LabelPair:
    return LabelPair(
        prediction=prediction.astype(np.uint8), reference=reference.astype(np.uint8), classes=(1,), spacing=SPACING
    )


def peer_rows() -> list[Row]:
    """The same two masks for both."""
    return [
        *_panoptic_rows(*masks(SHAPE, lesions=LESIONS, seed=70)),
        *_lesion_rows(*masks(SMALLER, lesions=FEWER, seed=70)),
    ]


def _panoptic_rows(prediction: Mask, reference: Mask) -> list[Row]:
    return compare(
        work=f"Panoptic, segmentation and recognition quality {_size(reference)}",
        ours=Contender(name="ours", run=lambda: _panoptic(prediction, reference)),
        peers=[(Contender(name="panoptica", run=lambda: _peers_panoptic(prediction, reference)), 1.0)],
        agreement=_agreement,
        threads=1,
    )


def _lesion_rows(prediction: Mask, reference: Mask) -> list[Row]:
    return compare(
        work=f"Lesion-wise Dice, HD95, F1 {_size(reference)}, BraTS 2023 MET, 1 run",
        ours=Contender(name="ours", run=lambda: _lesions(prediction, reference)),
        peers=[(Contender(name="the rule lesion by lesion", run=lambda: _peers_lesions(prediction, reference)), 1.0)],
        agreement=_agreement,
        threads=1,
        runs=1,
    )


def _size(mask: Mask) -> str:
    return f"of {'x'.join(map(str, mask.shape))}, {_count(mask)} objects"


def _count(mask: Mask) -> int:
    from scipy.ndimage import label

    return int(label(mask, structure=np.ones((3, 3, 3)))[1])


def _panoptic(prediction: Mask, reference: Mask) -> list[float]:
    found = pair(prediction, reference)
    return [float(panoptic_quality(found, quantity=quantity)[0]) for quantity in ("pq", "sq", "rq")]


def _peers_panoptic(prediction: Mask, reference: Mask) -> list[float]:
    values = panoptica(prediction, reference, threshold="0.5")
    return [values[quantity, "iou"] for quantity in ("pq", "sq", "rq")]


def _lesions(prediction: Mask, reference: Mask) -> list[float]:
    found = pair(prediction, reference)
    return [float(function(found, rule="brats2023-met")[0]) for function in (lesion_dice, lesion_hd95, lesion_f1)]


def _peers_lesions(prediction: Mask, reference: Mask) -> list[float]:
    return list(brats(prediction, reference, SPACING, rule="brats2023-met").values())


def _agreement(mine: Any, peers: Any) -> str:
    return f"{difference(mine, peers, within=1e-9):.0e}"


def crowd_rows() -> list[Row]:
    """110,592 components of one voxel in both maps, one run each."""
    dots = np.zeros((96, 96, 96), dtype=np.bool_)
    dots[::2, ::2, ::2] = True
    calls: dict[str, Callable[[LabelPair], Any]] = {
        "lesion-wise Dice, HD95, F1 as BraTS 2023 GLI": lambda found: [
            function(found, rule="brats2023-gli") for function in (lesion_dice, lesion_hd95, lesion_f1)
        ],
        "lesion-wise F1 as ISLES 2022": lambda found: lesion_f1(found, rule="isles2022"),
        "panoptic quality": panoptic_quality,
    }
    rows = []
    for name, run in calls.items():
        run(pair(dots, dots))
        start = perf_counter()
        run(pair(dots, dots))
        work = f"110,592 one-voxel components in both maps: {name}, 1 run"
        rows.append(within_limit(work=work, measured=perf_counter() - start, limit=5.0))
    return rows


def rows() -> list[Row]:
    """All of them."""
    return [*peer_rows(), *crowd_rows()]


if __name__ == "__main__":
    main(peer_rows, crowd_rows)
