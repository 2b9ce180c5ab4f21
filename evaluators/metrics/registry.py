"""Which metrics exist, by key: filled by the decorator above each function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from evaluators.contract.metrics import MetricSpec

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A function and what is known about it. Which arguments it takes is said by `spec.family`."""

    spec: MetricSpec
    function: Callable[..., Any]


METRICS: dict[str, Metric] = {}


def metric(spec: MetricSpec) -> Callable[[Function], Function]:
    """Enter a function into the registry. Raises ValueError where the key is taken."""

    def enter(function: Function) -> Function:
        if spec.key in METRICS:
            raise ValueError(f"two metrics are called {spec.key!r}")
        METRICS[spec.key] = Metric(spec=spec, function=function)
        return function

    return enter
