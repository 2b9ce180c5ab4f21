"""Pure functions (prediction, reference) -> numbers, each under its spec. Importing the package fills the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from evaluators.contract.metrics import Family
from evaluators.metrics import image, labels
from evaluators.metrics.registry import METRICS, SPECS, Metric

__all__ = ["EXAMPLES", "METRICS", "SPECS", "Metric", "image", "labels"]

#: positional arguments that every metric of the family accepts: the scorer image compiles its kernels with them
EXAMPLES: Mapping[Family, Callable[[], tuple[Any, ...]]] = MappingProxyType(
    {Family.IMAGE: image.example, Family.LABELS: labels.example}
)
