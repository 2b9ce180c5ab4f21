"""F1 of lesions: how many were found, how many are false; how well they are outlined plays no part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.lesions.matching import LesionMatch, lesion_matches
from evaluators.metrics.lesions.rules import BRATS_GLI, BRATS_PEER, BRATS_SOURCE, DETECTION_RULE
from evaluators.metrics.registry import metric

LESION_F1 = MetricSpec(
    key="lesion_f1",
    family=Family.LABELS,
    title="Lesion-wise F1",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source=f"{BRATS_SOURCE}; Hernandez Petzsche et al. 2022, doi:10.1038/s41597-022-01875-5",
    peer=f"{BRATS_PEER}: F1 of its Num_TP, Num_FP and Num_FN; ISLES 2022's compute_lesion_f1_score",
    options={"rule": DETECTION_RULE},
    edge="No lesion that counts and no false positive 1; lesions in one of the maps only 0.",
)


@metric(LESION_F1)
def lesion_f1(pair: LabelPair, *, rule: str = BRATS_GLI) -> NDArray[np.float64]:
    """2 TP / (2 TP + FP + FN), one number a class.

    TP, FN: reference lesions that count and are touched by a predicted component, or by none. FP: predicted components, of
    any size, that touch no lesion. Returns (class,), dimensionless. Raises MetricError for another rule.
    """
    return np.array([_f1(match) for match in lesion_matches(pair, rule=rule)], dtype=np.float64)


def _f1(match: LesionMatch) -> float:
    hits = int(match.found.sum())
    whole = hits + match.counted.size + match.false_positives
    return 2 * hits / whole if whole else 1.0
