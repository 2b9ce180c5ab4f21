"""Relative error of velocity magnitudes, as CMRxRecon 2026 ranks flow."""

from __future__ import annotations

import numpy as np

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.scaled import FAINTEST, Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, lengths, lined_up

RELERR = MetricSpec(
    key="relerr",
    family=Family.VOLUME,
    vectors=True,
    title="RelErr",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=1.0,
    source="CMRxRecon 2026, evaluation-2026/utils_metrics.py",
    peer="numpy.linalg.norm of the difference of numpy.linalg.norm(v, axis=0), over that of the reference",
    edge="A prediction without any flow scores 1; a region that is empty, or without flow in the reference, is the dataset's fault.",
)


@metric(RELERR)
def relerr(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Norm of the error of speed over the norm of speed, within the region; directions do not count.

    || |v_p| - |v_r| || / || |v_r| ||, || . || over space and time. prediction, reference: (component, x, y, z, ...), real, the
    same unit; real and imaginary parts may be the components. region: (x, y, z) or (x, y, z, ...), bool.
    Returns a number without unit. Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region, components=1)
    speed = lengths(theirs)[counts]
    norm = np.sqrt(np.square(speed).sum())
    if not norm > FAINTEST:
        raise UndefinedMetric("RelErr needs a reference with flow in the region")
    return float(np.sqrt(np.square(lengths(mine)[counts] - speed).sum()) / norm)
