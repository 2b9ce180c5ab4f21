"""Scores of records and classes against true labels: (scores, labels), both (record, class), to one number a class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.classification import auprc, auroc, fpr95, max_f1
from evaluators.metrics.classification.bootstrap import Interval, record_bootstrap
from evaluators.metrics.classification.per_class import PerClass

__all__ = ["Interval", "PerClass", "auprc", "auroc", "example", "fpr95", "max_f1", "record_bootstrap"]


def example() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Arguments that every metric of the family accepts: eight records, two classes."""
    return np.linspace(0, 1, 16).reshape(8, 2), np.arange(16).reshape(8, 2) // 3 % 2
