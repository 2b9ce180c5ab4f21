"""Quantities of one mask that a person may ask of two: both files' numbers, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evaluators.contract.metrics import MetricSpec

#: quantity -> (the metric that compares two of it, its title)
QUANTITIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "betti_numbers": ("betti_error", "Betti numbers"),
        "euler": ("euler_error", "Euler characteristic"),
    }
)


def quantity_spec(key: str, *, error: MetricSpec) -> MetricSpec:
    """The spec of a quantity out of that of its error: the same source, the connectivity alone as option."""
    _, title = QUANTITIES[key]
    return error.model_copy(
        update={
            "key": key,
            "title": title,
            "options": {"connectivity": error.options["connectivity"]},
            "edge": f"The value is that of {error.key}, 0 where both files have the same numbers; per_class holds both.",
        }
    )
