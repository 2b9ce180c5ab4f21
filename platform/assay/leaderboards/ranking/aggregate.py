"""The means that a board shows: over delivered values alone; what is missing is counted beside them, never averaged in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from operator import itemgetter

#: one value a case, in the order of the dataset version; None where a case has none
Values = Sequence[float | None]


def mean(values: Values) -> float | None:
    """Mean of the delivered values; None where there is none at all."""
    delivered: Sequence[float] = [value for value in values if value is not None]
    return fsum(delivered) / len(delivered) if delivered else None


def stratum_keys(strata: Sequence[Mapping[str, str]], *, order: Mapping[str, Sequence[str]]) -> list[str]:
    """Every `name=value` that a case belongs to, such as `af=4`, in the task's own order.

    strata: one mapping a case. order: {name: values in order}; names and values that the task does not list are left out.
    """
    present = {(name, value) for case in strata for name, value in case.items()}
    return [f"{name}={value}" for name, values in order.items() for value in values if (name, value) in present]


def members(strata: Sequence[Mapping[str, str]], *, key: str) -> list[int]:
    """Indexes of the cases that belong to stratum `key`, such as `af=4`."""
    name, _, value = key.partition("=")
    return [index for index, case in enumerate(strata) if case.get(name) == value]


def pick(values: Values, indexes: Sequence[int]) -> list[float | None]:
    """The values of some cases, in the order of `indexes`."""
    # a board of thousands of methods picks millions of values
    return list(itemgetter(*indexes)(values)) if len(indexes) > 1 else [values[index] for index in indexes]
