"""Two label maps of one case: LabelPair to one number a class (class,), float64 and finite."""

from __future__ import annotations

import numpy as np

from evaluators.metrics.labels.assd import assd
from evaluators.metrics.labels.dice import dice
from evaluators.metrics.labels.hd95 import hd95, hd95_between
from evaluators.metrics.labels.iou import iou
from evaluators.metrics.labels.nsd import nsd
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.labels.volume_error import volume_error

__all__ = ["LabelPair", "assd", "dice", "example", "hd95", "hd95_between", "iou", "nsd", "volume_error"]


def example() -> tuple[LabelPair]:
    """Arguments that every metric of the family accepts."""
    labels = np.zeros((12, 12, 12), dtype=np.uint8)
    labels[2:9, 3:8, 4:10] = 1
    return (LabelPair(prediction=labels, reference=np.roll(labels, 1, axis=0), classes=(1,), spacing=(1.0, 1.0, 2.0)),)
