"""What is known about a metric besides its value: direction, unit, bounds, worst case, options, source."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf, isfinite

from pydantic import BaseModel, ConfigDict, Field, model_validator

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"


class Family(StrEnum):
    """What a metric compares: it decides what its function is called with (see evaluators/metrics/README.md)."""

    #: two volumes of intensities; one number a picture
    IMAGE = "image"
    #: two volumes of values and, where given, the region that counts; one number a case
    VOLUME = "volume"
    #: two maps of class labels and their spacing; one number a class
    LABELS = "labels"
    #: several samples against several raters; one number a case
    RATERS = "raters"
    #: stated probabilities against what came true; one number a dataset
    CALIBRATION = "calibration"
    #: scores of records and classes against true labels; one number a class
    CLASSIFICATION = "classification"
    #: free text against the right option; one number an item
    ANSWERS = "answers"


class OptionProblem(ValueError):
    """A metric was asked for with an option that it has not, or without one that it needs; the text says what to write."""


class Choice(BaseModel):
    """An option with named values: each is another number, so each names its peer."""

    model_config = _STRICT

    #: value -> what it computes and who else computes it so; the first is the default
    values: dict[str, str] = Field(min_length=1)


class Number(BaseModel):
    """An option that is a number."""

    model_config = _STRICT

    unit: str
    #: values must be greater
    above: float = 0.0
    #: and not greater than this
    at_most: float | None = None
    #: None: the task must give it
    default: float | None = None


class MetricSpec(BaseModel):
    """One metric's definition, the same for scorer, database, page and export."""

    model_config = _STRICT

    key: str
    family: Family
    title: str
    unit: str
    better: Better
    #: (lowest, highest) possible value; None where there is none
    bounds: tuple[float | None, float | None]
    #: what a missing case counts in a ranking; None: the diagonal of the case's own image in mm
    worst: float | None
    source: str
    peer: str
    #: stored values are clipped to this where the true one is infinite
    clip: float | None = None
    #: what the function takes besides its pair, by name
    options: dict[str, Choice | Number] = Field(default_factory=dict)
    #: values are vectors, their components along the first axis (velocities, real and imaginary part)
    vectors: bool = False
    #: the one rule for what the definition leaves open: empty masks, constant images, one-valued classes
    edge: str = ""

    @model_validator(mode="after")
    def _worst_within_bounds(self) -> MetricSpec:
        low, high = self.bounds
        if self.worst is not None and not (
            (low is None or low <= self.worst) and (high is None or self.worst <= high) and isfinite(self.worst)
        ):
            raise ValueError(f"{self.key}: worst {self.worst} lies outside {self.bounds}")
        return self

    @property
    def arrow(self) -> str:
        """The sign that stands beside the title."""
        return "↑" if self.better is Better.HIGHER else "↓"

    def settle(self, given: Mapping[str, str]) -> dict[str, str | float]:
        """Every option of the metric with its value as the function takes it. Raises OptionProblem."""
        if unknown := sorted(set(given) - set(self.options)):
            known = ", ".join(self.options) or "none"
            raise OptionProblem(f"{self.key} has no option {unknown[0]!r}; there are: {known}")
        return {name: self.value(name, given.get(name)) for name in self.options}

    def value(self, name: str, text: str | None) -> str | float:
        """One option's value as the function takes it; text None: it was not given. Raises OptionProblem."""
        option = self.options[name]
        if isinstance(option, Choice):
            value = next(iter(option.values)) if text is None else text
            if value not in option.values:
                raise OptionProblem(
                    f"{self.key}: {name} {value!r} is not served; write one of {', '.join(option.values)}"
                )
            return value
        if text is None:
            if option.default is None:
                raise OptionProblem(f"{self.key} needs {name}, a number in {option.unit}")
            return option.default
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not (isfinite(number) and option.above < number <= (inf if option.at_most is None else option.at_most)):
            end = "" if option.at_most is None else f" and at most {option.at_most:g}"
            raise OptionProblem(
                f"{self.key}: {name} must be a number above {option.above:g}{end} {option.unit}, not {text!r}"
            )
        return number
