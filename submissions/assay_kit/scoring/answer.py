"""What `assay score` answers: one number with everything that says which number it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from assay_kit.errors import AnswerIsNo
from evaluators.contract.metrics import MetricSpec, Number

PerClass = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A score of two files. per_class: label -> value, None where a class has none or the metric knows no classes."""

    spec: MetricSpec
    variant: str
    value: float
    per_class: PerClass | None = None
    #: sentences for the person, none for the program that reads the number
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it is printed. Raises AnswerIsNo UNDEFINED where the number is none."""
        values = [self.value, *(value for value in (self.per_class or {}).values() if isinstance(value, float))]
        if not all(map(isfinite, values)):
            raise AnswerIsNo(f"{self.spec.key} is not defined for these two files", code="UNDEFINED")
        return {
            "metric": self.spec.key,
            "variant": self.variant,
            "value": self.value,
            "unit": self.spec.unit,
            "direction": self.spec.better.value,
            "per_class": self.per_class,
        }


def in_words(settled: Mapping[str, str | float], *, spec: MetricSpec, besides: Mapping[str, str] | None = None) -> str:
    """`variant=surfel, tolerance=3 mm, spacing=1.5 1.5 3 mm`: every option with its value, in the order of the spec."""
    told = [f"{name}={_value(value, spec=spec, name=name)}" for name, value in settled.items()]
    return ", ".join([*told, *(f"{name}={value}" for name, value in (besides or {}).items())])


def numbers(values: Sequence[float]) -> str:
    """Numbers as a person types them, the shortest that says each."""
    return " ".join(f"{value:.15g}" for value in values)


def _value(value: str | float, *, spec: MetricSpec, name: str) -> str:
    if isinstance(value, str):
        return value
    option = spec.options.get(name)
    unit = f" {option.unit}" if isinstance(option, Number) and option.unit != "1" else ""
    return f"{value:.15g}{unit}"
