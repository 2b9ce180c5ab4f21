"""The few numbers of the classical methods, chosen on training scans as the networks are: python -m baselines.cine.tuning NAME.

Every point of a method's grid reconstructs the same scans of the public training seed; the highest mean SSIM wins. The winner
stands in the method's model.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.cg_sense import model as cg_sense
from baselines.cine.data import TRAINING_SEED, training_scans
from baselines.cine.io import Scan
from baselines.cine.sense import Complex, Encoding
from baselines.low_rank_sparse import model as low_rank_sparse
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.sizes import ACCELERATIONS, DEMO
from evaluators.tasks.normalisation import by_own_maximum


@dataclass(frozen=True, kw_only=True)
class Grid:
    """solve: (measured, encoding, **point) -> image; values: keyword -> what is tried; chosen: what model.py holds."""

    solve: Callable[..., Complex]
    values: Mapping[str, Sequence[float]]
    chosen: Mapping[str, float]

    def points(self) -> Iterator[dict[str, float]]:
        """Every combination."""
        for combination in product(*self.values.values()):
            yield dict(zip(self.values, combination, strict=True))


GRIDS: Mapping[str, Grid] = {
    "cg_sense": Grid(
        solve=cg_sense.least_squares,
        values={"weight": (0.003, 0.01, 0.02, 0.03, 0.1), "steps": (6, 12)},
        chosen={"weight": cg_sense.WEIGHT, "steps": cg_sense.STEPS},
    ),
    "low_rank_sparse": Grid(
        solve=low_rank_sparse.separate,
        values={"low_rank": (0.015, 0.02, 0.03, 0.05), "sparse": (0.003, 0.005, 0.008, 0.012), "steps": (40,)},
        chosen={
            "low_rank": low_rank_sparse.LOW_RANK,
            "sparse": low_rank_sparse.SPARSE,
            "steps": low_rank_sparse.STEPS,
        },
    ),
}


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One slice with its model, scaled so that its zero-filled maximum is 1; reference: (x, y, frame)."""

    measured: Complex
    encoding: Encoding
    reference: Volume


def training_slices(*, subjects: int) -> list[Slice]:
    """The slices of chest phantoms of the training seed, both views, every factor."""
    scans = training_scans(
        subjects=subjects, shapes=0, size=DEMO, factors=ACCELERATIONS, seed=TRAINING_SEED, purpose="tuning"
    )
    return [one for scan, full in scans for one in _slices(scan, reference=root_sum_of_squares(full))]


def _slices(scan: Scan, *, reference: NDArray[np.float32]) -> Iterator[Slice]:
    for position in range(scan.kspace.shape[1]):
        measured = scan.kspace[:, position]
        encoding = Encoding.of(measured, mask=scan.mask)
        yield Slice(
            measured=measured / np.abs(encoding.adjoint(measured)).max(),
            encoding=encoding,
            reference=by_own_maximum(reference[:, position].transpose(2, 1, 0)).volume,
        )


def score(grid: Grid, *, point: Mapping[str, float], slices: Sequence[Slice]) -> float:
    """Mean SSIM over slices and frames at one point of the grid."""
    options: dict[str, Any] = {name: int(value) if name == "steps" else value for name, value in point.items()}
    return fmean(
        float(ssim(by_own_maximum(np.abs(image).transpose(2, 1, 0)).volume, one.reference).mean())
        for one in slices
        for image in [grid.solve(one.measured, one.encoding, **options)]
    )


def main() -> None:
    """Print every point with its score, best last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method", choices=list(GRIDS))
    parser.add_argument("--subjects", type=int, default=4)
    options = parser.parse_args()
    grid, slices = GRIDS[options.method], training_slices(subjects=options.subjects)
    found = [(score(grid, point=point, slices=slices), point) for point in grid.points()]
    for value, point in sorted(found, key=lambda one: one[0]):
        print(f"{value:.4f}  {point}{'  <- chosen' if point == grid.chosen else ''}")


if __name__ == "__main__":
    main()
