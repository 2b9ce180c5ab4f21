"""HD95 and NSD of four classes against MONAI, medpy and surface-distance, and of masks made to cost time.
`var/bench/venv/bin/python -m tests.benchmarks.bench_surfaces`.
"""

from __future__ import annotations

import warnings
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.labels import LabelPair, hd95, nsd
from tests.benchmarks.harness import Contender, Row, compare, difference, main, memory, within_limit
from tests.golden.make_surfaces import monai_hd95
from tests.golden.pictures import noise

SHAPE = (256, 256, 128)
SPACING = (1.5, 1.5, 3.0)
CLASSES = (1, 2, 3, 4)
TOLERANCE = 3.0
#: centre and radii in voxels
ORGANS = (
    ((90, 90, 60), (45, 40, 28)),
    ((170, 90, 60), (30, 35, 25)),
    ((90, 180, 64), (28, 22, 20)),
    ((180, 180, 50), (18, 16, 13)),
)

Labels = NDArray[np.uint8]


def organs() -> tuple[Labels, Labels]:
    """(prediction, reference): four ellipsoids of 16 to 211 thousand voxels with wavy surfaces; the prediction's are moved."""
    return _organs(moved=2, waves=3.0, seed=50), _organs(moved=0, waves=1.0, seed=0)


def _organs(*, moved: int, waves: float, seed: int) -> Labels:
    labels = np.zeros(SHAPE, dtype=np.uint8)
    axes = np.ogrid[tuple(slice(0, size) for size in SHAPE)]
    for label, (centre, radii) in enumerate(ORGANS, start=1):
        phases = 6.28 * noise(3, seed=seed + label)
        apart2 = sum(
            ((axes[axis] - centre[axis] - moved + waves * np.sin(axes[axis - 2] / 9 + phases[axis])) / radii[axis]) ** 2
            for axis in range(3)
        )
        labels[apart2 < 1] = label
    return labels


def pair(prediction: Labels, reference: Labels) -> LabelPair:
    return LabelPair(prediction=prediction, reference=reference, classes=CLASSES, spacing=SPACING)


def ours(prediction: Labels, reference: Labels, *, variant: str, pieces: str) -> Any:
    """(HD95, NSD), both (class,), from the two label maps on."""
    found = pair(prediction, reference)
    return np.stack([hd95(found, variant=variant), nsd(found, variant=pieces, tolerance=TOLERANCE)])


def monai(prediction: Any, reference: Any) -> Any:
    """From one-hot tensors on, which are made beforehand."""
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance
    from monai.metrics.surface_dice import compute_surface_dice

    far = compute_hausdorff_distance(prediction, reference, percentile=95, spacing=SPACING)
    near = compute_surface_dice(prediction, reference, [TOLERANCE] * len(CLASSES), spacing=SPACING)
    return np.stack([far.numpy()[0], near.numpy()[0]])


def medpy(prediction: Labels, reference: Labels) -> Any:
    from medpy.metric.binary import hd95 as peer  # type: ignore[import-not-found]

    return np.array([peer(prediction == label, reference == label, SPACING) for label in CLASSES])


def surface_distance(prediction: Labels, reference: Labels) -> Any:
    """Its distances once a class, then both numbers."""
    from surface_distance import (  # type: ignore[import-not-found]
        compute_robust_hausdorff,
        compute_surface_dice_at_tolerance,
        compute_surface_distances,
    )

    found = [compute_surface_distances(reference == label, prediction == label, SPACING) for label in CLASSES]
    return np.array(
        [
            [compute_robust_hausdorff(distances, 95) for distances in found],
            [compute_surface_dice_at_tolerance(distances, TOLERANCE) for distances in found],
        ]
    )


def peer_rows() -> list[Row]:
    """The same two label maps for all."""
    import torch

    # scipy says so on every call of surface-distance's old names
    warnings.simplefilter("ignore", DeprecationWarning)
    prediction, reference = organs()
    one_hot = [
        torch.from_numpy(np.stack([labels == label for label in range(5)])[None]).float()
        for labels in (prediction, reference)
    ]
    in_double = [monai_hd95(prediction == c, reference == c, SPACING)["value"] for c in CLASSES]
    work = f"of {'x'.join(map(str, SHAPE))}, 4 classes"
    return [
        *compare(
            work=f"HD95 + NSD {work}",
            ours=Contender(name="ours", run=lambda: ours(prediction, reference, variant="monai", pieces="voxel")),
            peers=[(Contender(name="MONAI, one-hot ready", run=lambda: monai(*one_hot)), 9.0)],
            agreement=lambda mine, peers: _monai_agreement(mine, peers, in_double),
            threads=1,
        ),
        *compare(
            work=f"HD95 + NSD {work}, surfels",
            ours=Contender(name="ours", run=lambda: ours(prediction, reference, variant="deepmind", pieces="surfel")),
            peers=[(Contender(name="surface-distance", run=lambda: surface_distance(prediction, reference)), 2.4)],
            agreement=_agreement,
            threads=1,
        ),
        *compare(
            work=f"HD95 {work}, median of 3",
            ours=Contender(name="ours", run=lambda: hd95(pair(prediction, reference), variant="medpy")),
            peers=[(Contender(name="medpy hd95", run=lambda: medpy(prediction, reference)), 80.0)],
            agreement=_agreement,
            threads=1,
            runs=3,
        ),
    ]


def _agreement(mine: Any, peers: Any) -> str:
    return f"{difference(mine, peers, within=1e-9):.0e}"


def _monai_agreement(mine: Any, peers: Any, in_double: list[float]) -> str:
    """MONAI finds the place of the percentile in single precision: its distances agree better than its HD95."""
    called = difference(mine[0], peers[0], within=1e-3)
    distances = difference(mine[0], in_double, within=2e-6)
    share = difference(mine[1], peers[1], within=1e-6)
    return f"NSD {share:.0e}; HD95 {called:.0e}, {distances:.0e} with its distances' percentile in double precision"


def hostile() -> dict[str, tuple[Labels, Labels]]:
    """What a container could write to cost time: name -> (prediction, reference)."""
    _, reference = organs()
    random = np.floor(noise(reference.size, seed=7) * 5).astype(np.uint8).reshape(SHAPE)
    speckled = np.where(noise(reference.size, seed=8).reshape(SHAPE) < 0.01, random, reference)
    checkered = (np.indices(SHAPE).sum(axis=0) % 2 * (1 + np.indices(SHAPE)[0] % 4)).astype(np.uint8)
    return {
        "1 % noise": (speckled, reference),
        "checkerboard": (checkered, reference),
        "all noise": (random, reference),
    }


def hostile_rows() -> list[Row]:
    """One run each; a peer has no say here, a limit has."""
    rows = []
    for name, (prediction, reference) in hostile().items():
        for variant, pieces in (("monai", "voxel"), ("deepmind", "surfel")):
            start = perf_counter()
            ours(prediction, reference, variant=variant, pieces=pieces)
            rows.append(
                within_limit(
                    work=f"HD95 + NSD, {name} against four organs, {pieces}s, 1 run",
                    measured=perf_counter() - start,
                    limit=20.0,
                )
            )
    peak = memory(
        "from tests.benchmarks.bench_surfaces import hostile, ours\n"
        "ours(*hostile()['all noise'], variant='deepmind', pieces='surfel')"
    )
    return [*rows, within_limit(work="the last one's peak memory, inputs too", measured=peak, limit=2.0, unit="GiB")]


def rows() -> list[Row]:
    """All of them."""
    return [*peer_rows(), *hostile_rows()]


if __name__ == "__main__":
    main(peer_rows, hostile_rows)
