"""How many pieces, loops and cavities a segmentation has too many or too few: Betti number error and Euler error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric
from evaluators.metrics.topology.betti import CONNECTIVITY, LOW, betti_numbers, euler_number

ALL = "all"
#: an error count has no upper end, and a missing case must count something finite that no segmentation comes near
MISSING = 100_000.0
MISSING_RULE = (
    f"The count has no upper end: a missing case counts {MISSING:.0f}, more than dense noise in 64x64x64 voxels makes; "
    "a delivered value beyond it ranks as missing, never below."
)

BETTI_ERROR = MetricSpec(
    key="betti_error",
    family=Family.LABELS,
    title="Betti number error",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=MISSING,
    source="Hu et al. 2019, arXiv:1906.05404; Stucki et al. 2023, arXiv:2211.15272",
    peer="gudhi.CubicalComplex (vertices= for low, top_dimensional_cells= for high); cripser.computePH (V, T)",
    options={
        "connectivity": CONNECTIVITY,
        "dimension": Choice(
            values={
                ALL: "sum over all dimensions",
                "0": "pieces only",
                "1": "loops only (in a picture: holes)",
                "2": "cavities only; a picture has none",
            }
        ),
    },
    edge=f"An empty mask has no features: both empty 0, one empty all of the other's. {MISSING_RULE}",
)

EULER_ERROR = MetricSpec(
    key="euler_error",
    family=Family.LABELS,
    title="Euler characteristic error",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=MISSING,
    source="Kong and Rosenfeld 1989, doi:10.1016/0734-189X(89)90147-3 (digital topology)",
    peer="skimage.measure.euler_number (connectivity 1 for low; 2 or 3, the number of axes, for high)",
    options={"connectivity": CONNECTIVITY},
    edge=f"An empty mask has characteristic 0: both empty 0. {MISSING_RULE}",
)


@metric(BETTI_ERROR)
def betti_error(pair: LabelPair, *, connectivity: str = LOW, dimension: str = ALL) -> NDArray[np.float64]:
    """Difference of the Betti numbers of prediction and reference, one number a class.

    sum over d of |b_d(prediction) - b_d(reference)|: pieces, loops and, in three axes, cavities of the class's own voxels.
    Right counts in wrong places score 0: see betti_matching. Returns (class,), dimensionless.
    """
    values = np.zeros(len(pair.classes))
    for position in range(len(pair.classes)):
        ours, theirs = (np.array(betti_numbers(mask, connectivity=connectivity)) for mask in pair.masks(position))
        errors = np.abs(ours - theirs)
        values[position] = errors.sum() if dimension == ALL else errors[int(dimension) : int(dimension) + 1].sum()
    return values


@metric(EULER_ERROR)
def euler_error(pair: LabelPair, *, connectivity: str = LOW) -> NDArray[np.float64]:
    """Difference of the Euler characteristics of prediction and reference, one number a class.

    |chi(prediction) - chi(reference)|, chi = pieces - loops (+ cavities in three axes). Errors of neighbouring dimensions
    can cancel: never more than betti_error. Returns (class,), dimensionless.
    """
    values = np.zeros(len(pair.classes))
    for position in range(len(pair.classes)):
        ours, theirs = (euler_number(mask, connectivity=connectivity) for mask in pair.masks(position))
        values[position] = abs(ours - theirs)
    return values
