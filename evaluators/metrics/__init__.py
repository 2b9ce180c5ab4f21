"""Pure functions (prediction, reference) -> numbers, each under its spec. Importing the package fills the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from evaluators.contract.metrics import Family
from evaluators.metrics import answers, calibration, classification, image, labels, lesions, raters, topology, volume
from evaluators.metrics.registry import METRICS, Metric

__all__ = [
    "EXAMPLES",
    "METRICS",
    "Metric",
    "answers",
    "calibration",
    "classification",
    "image",
    "labels",
    "lesions",
    "raters",
    "topology",
    "volume",
]

#: positional arguments that every metric of the family accepts: the scorer image compiles its kernels with them
EXAMPLES: Mapping[Family, Callable[[], tuple[Any, ...]]] = MappingProxyType(
    {
        Family.IMAGE: image.example,
        Family.VOLUME: volume.example,
        Family.LABELS: labels.example,
        Family.RATERS: raters.example,
        Family.CALIBRATION: calibration.example,
        Family.CLASSIFICATION: classification.example,
        Family.ANSWERS: answers.example,
    }
)
