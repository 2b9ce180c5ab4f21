"""Centreline Dice: does the skeleton of each mask stay inside the other one?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric
from evaluators.metrics.topology.thinning import Mask, skeleton

CLDICE = MetricSpec(
    key="cldice",
    family=Family.LABELS,
    title="clDice",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Shit et al. 2021, arXiv:2003.07311; thinning: Zhang and Suen 1984, doi:10.1145/357994.358023 (2-D), "
    "Lee et al. 1994, doi:10.1006/cgip.1994.1042 (3-D)",
    peer="jocpae/clDice, cldice_metric/cldice.py, with skimage.morphology.skeletonize",
    edge="Both masks empty 1, one empty 0 (the peer: nan); neither skeleton meets the other mask 0 (the peer: nan). What lies "
    "beyond the image is background to the thinning; a mask whose skeleton is empty stands for it itself.",
)


@metric(CLDICE)
def cldice(pair: LabelPair) -> NDArray[np.float64]:
    """Harmonic mean of topology precision and topology sensitivity, one number a class.

    clDice = 2 Tp Ts / (Tp + Ts); Tp = |S(prediction) & reference| / |S(prediction)|,
    Ts = |S(reference) & prediction| / |S(reference)|, S the skeleton: Zhang and Suen as scikit-image has it in two axes,
    Lee et al. in three. Spacing plays no part. Returns (class,), dimensionless.
    """
    values = np.zeros(len(pair.classes))
    for position in range(len(pair.classes)):
        # the image's own edge decides which layers the thinning takes
        prediction, reference = pair.masks(position, margin=1)
        values[position] = _cldice(prediction, reference)
    return values


def _cldice(prediction: Mask, reference: Mask) -> float:
    if not prediction.any() or not reference.any():
        return float(prediction.any() == reference.any())
    precision = _share_inside(_line(prediction), reference)
    sensitivity = _share_inside(_line(reference), prediction)
    return 2 * precision * sensitivity / (precision + sensitivity) if precision + sensitivity else 0.0


def _line(mask: Mask) -> Mask:
    thin = skeleton(mask)
    return thin if thin.any() else mask


def _share_inside(line: Mask, mask: Mask) -> float:
    return float(np.count_nonzero(line & mask) / np.count_nonzero(line))
