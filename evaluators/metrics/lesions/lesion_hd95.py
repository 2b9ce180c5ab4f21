"""HD95 lesion by lesion, in mm: a missed and a false lesion cost a stated penalty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec, Number
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.lesions.matching import LesionMatch, lesion_matches
from evaluators.metrics.lesions.rules import BRATS_GLI, BRATS_PEER, BRATS_RULE, BRATS_SOURCE
from evaluators.metrics.lesions.surfaces import hd95_of, surfaces_by_number
from evaluators.metrics.registry import metric

#: BraTS's, about the diagonal of its images of 240 x 240 x 155 mm
PENALTY_MM = 374.0

LESION_HD95 = MetricSpec(
    key="lesion_hd95",
    family=Family.LABELS,
    title="Lesion-wise HD95",
    unit="mm",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=PENALTY_MM,
    source=BRATS_SOURCE,
    peer=f"{BRATS_PEER}, LesionWise_Score_HD95",
    options={"rule": BRATS_RULE, "penalty": Number(unit="mm", default=PENALTY_MM)},
    edge="No lesion that counts and no false positive 0; lesions in one of the maps only the penalty. HD95 of a lesion is "
    f"the variant deepmind of hd95. A missing case counts {PENALTY_MM:.0f} mm; a delivered value beyond it ranks as missing, "
    "never below.",
)


@metric(LESION_HD95)
def lesion_hd95(pair: LabelPair, *, rule: str = BRATS_GLI, penalty: float = PENALTY_MM) -> NDArray[np.float64]:
    """Mean over reference lesions and false positives, one number a class.

    A lesion's HD95 is that with all predicted components that touch it; a missed lesion and a false positive, of any size,
    add the penalty, in mm. Returns (class,), mm. Raises MetricError for another rule.
    """
    return np.array(
        [_mean(match, spacing=pair.spacing, penalty=penalty) for match in lesion_matches(pair, rule=rule)],
        dtype=np.float64,
    )


def _mean(match: LesionMatch, *, spacing: tuple[float, ...], penalty: float) -> float:
    whole = match.counted.size + match.false_positives
    if not whole:
        return 0.0
    missed = whole - int(match.found.sum())
    return (sum(_distances(match, spacing=spacing)) + missed * penalty) / whole


def _distances(match: LesionMatch, *, spacing: tuple[float, ...]) -> list[float]:
    """HD95 of each lesion that counts and was found, in mm."""
    there = match.counted[match.found].tolist()
    if not there:
        return []
    lesions = surfaces_by_number(match.lesions, count=match.lesion_sizes.size - 1, spacing=spacing)
    components = surfaces_by_number(match.predicted, count=match.predicted_sizes.size - 1, spacing=spacing)
    return [
        hd95_of([components[part - 1] for part in match.components_of(lesion)], lesions[lesion - 1]) for lesion in there
    ]
