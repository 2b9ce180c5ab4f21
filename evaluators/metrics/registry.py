"""Which metrics exist, by key: filled by the decorator above each function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import MetricSpec

Real = NDArray[np.floating[Any]]
#: (prediction, reference), both (x, y, ...) -> (...), float64
MetricFunction = Callable[[Real, Real], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A function and what is known about it."""

    spec: MetricSpec
    function: MetricFunction


METRICS: dict[str, Metric] = {}


def metric(spec: MetricSpec) -> Callable[[MetricFunction], MetricFunction]:
    """Enter a function into the registry. Raises ValueError where the key is taken."""

    def enter(function: MetricFunction) -> MetricFunction:
        if spec.key in METRICS:
            raise ValueError(f"two metrics are called {spec.key!r}")
        METRICS[spec.key] = Metric(spec=spec, function=function)
        return function

    return enter
