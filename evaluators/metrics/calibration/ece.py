"""Expected calibration error: how far stated probabilities lie from what came true, bin by bin."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec, Number, OptionProblem
from evaluators.metrics.calibration.probabilities import confidence, flat
from evaluators.metrics.registry import metric

_MOST_BINS = 1000

ECE = MetricSpec(
    key="ece",
    family=Family.CALIBRATION,
    title="ECE",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, 1.0),
    worst=1.0,
    source="Guo et al. 2017, arXiv:1706.04599; Maier-Hein et al. 2024 (Metrics Reloaded), Nat Methods 21:195",
    peer="torchmetrics binary_calibration_error (positive_class), multiclass_calibration_error of (1 - p, p) (confidence)",
    options={
        "variant": Choice(
            values={
                "positive_class": "probability of class 1 against its frequency (MetricsReloaded, torchmetrics binary)",
                "confidence": "probability of the likelier class against accuracy (Guo et al., torchmetrics multiclass)",
            }
        ),
        "bins": Number(unit="bins", default=10.0, at_most=1000.0),
    },
    edge="Bins of equal width, open below and closed above, as Guo et al. and MetricsReloaded; a probability of exactly 0 counts "
    "in the first bin (MetricsReloaded drops it). torchmetrics closes bins below instead: equal unless a value lies on an edge.",
)


@metric(ECE)
def ece(
    probabilities: NDArray[Any],
    outcomes: NDArray[Any],
    *,
    variant: Literal["positive_class", "confidence"] = "positive_class",
    bins: float = 10,
) -> float:
    """Mean distance between stated and observed frequency, bins weighted by how many items they hold.

    ECE = sum over bins b of n_b / n |mean stated in b - mean observed in b|. positive_class: stated p, observed the outcome.
    confidence: stated max(p, 1 - p), observed whether the likelier answer is right.
    probabilities: of outcome 1, any shape; outcomes: 0 or 1, the same shape. bins: a whole number, equal widths over 0 to 1.
    Returns one number from 0 to 1.
    Raises ShapeMismatch, NotAScore, UndefinedMetric; OptionProblem for bins.
    """
    stated, observed = flat(probabilities, outcomes)
    count = int(bins)
    if count != bins or not 1 <= count <= _MOST_BINS:
        raise OptionProblem(f"ece: bins must be a whole number from 1 to {_MOST_BINS}, not {bins:g}")
    if variant == "confidence":
        stated, observed = confidence(stated, observed)
    # edges are the doubles nearest to b / bins, so that .3 falls where a person reads it
    inner = np.arange(1, count) / count
    place = np.searchsorted(inner, stated, side="left")
    gaps = np.bincount(place, weights=stated - observed, minlength=count)
    return float(np.abs(gaps).sum()) / stated.size
