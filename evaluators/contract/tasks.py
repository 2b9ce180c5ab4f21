"""A task as site, worker and scorer share it: its kind, what must be written, which metrics, how they rank."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from sys import float_info
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from evaluators.contract.metrics import Choice, MetricSpec
from evaluators.contract.paths import refill

_STRICT = ConfigDict(frozen=True, extra="forbid")
#: option of a column: the name of one class or region, or the mean over all
CLASS = "class"
ALL_CLASSES = "mean"
_CLASS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 +-]{0,39}")
#: numpy dtypes that a label map may be asked in
_OF_LABELS = ("uint8", "uint16")
#: every case is answered at its first input's own path
SAME = "same-as-input"


class RunMode(StrEnum):
    """How a container is driven."""

    #: one run over all cases
    BATCH = "batch"
    #: one case at a time, each timed, the first not; see contract/per_case.py
    PER_CASE = "per_case"


class OutputFormat(BaseModel):
    """The file that a container writes for one case."""

    model_config = _STRICT

    path: str = Field(
        default=SAME,
        max_length=400,
        description="`same-as-input`, or a path below /output with placeholders of the task's input",
    )
    formats: tuple[str, ...] = Field(min_length=1, description="accepted file formats, such as mat-v7")
    variable: str = Field(default="", description="of formats whose arrays have names (mat, npz)")
    dtype: Literal["float32", "float64", "uint8", "uint16"] = Field(
        description="asked of teams; either width of float is read, and of a label map any type that holds whole numbers"
    )
    classes: dict[int, str] = Field(
        default_factory=dict, description="of a label map: label -> the name of its class; 0 is background"
    )
    regions: dict[str, tuple[int, ...]] = Field(
        default_factory=dict,
        description="of a label map: name -> labels that are judged as one mask, such as whole tumour: [1, 2, 3]",
    )
    axes: str = Field(description="axis names in the file's own order, separated by blanks")
    shape: Literal["as-reference", "ranked"] = Field(
        default="as-reference", description="the whole reference, or only what the challenge ranks of it"
    )

    @model_validator(mode="after")
    def _classes_have_names(self) -> OutputFormat:
        named = [name for name in self.formats if name.startswith(("mat", "npz"))]
        if named and not self.variable:
            raise ValueError(f"arrays in {named[0]} have names; write `variable: …`")
        if bool(self.classes) != (self.dtype in _OF_LABELS):
            raise ValueError("a label map has both: `classes: {1: tumour, …}` and dtype uint8 or uint16")
        for label, name in self.classes.items():
            if not 1 <= label < 2 ** (8 if self.dtype == "uint8" else 16):
                raise ValueError(f"label {label} is no whole number from 1 on that {self.dtype} can hold")
            if not _CLASS_NAME.fullmatch(name) or name == ALL_CLASSES:
                raise ValueError(f"{name!r} cannot name a class; write letters, digits, blanks, + and -, not `mean`")
        if len(set(self.classes.values())) != len(self.classes):
            raise ValueError("two classes have one name")
        self._check_regions()
        return self

    def _check_regions(self) -> None:
        for name, labels in self.regions.items():
            if not _CLASS_NAME.fullmatch(name) or name == ALL_CLASSES:
                raise ValueError(f"{name!r} cannot name a region; write letters, digits, blanks, + and -, not `mean`")
            if name in self.classes.values():
                raise ValueError(f"a class and a region are both called {name!r}")
            if not labels or len(set(labels)) != len(labels):
                raise ValueError(f"region {name!r} needs labels, each once, such as `{name}: [1, 2]`")
            if unknown := sorted(set(labels) - set(self.classes)):
                known = ", ".join(f"{label} {called}" for label, called in self.classes.items()) or "no class"
                raise ValueError(f"region {name!r} has label {unknown[0]}, which no class names; there are {known}")
            if twin := next(
                (other for other in self.regions if other != name and set(self.regions[other]) == set(labels)), None
            ):
                raise ValueError(f"regions {twin!r} and {name!r} have the same labels")

    @property
    def judged(self) -> dict[str, tuple[int, ...]]:
        """What a column may judge: name -> labels, every class and then every region."""
        return {name: (label,) for label, name in self.classes.items()} | self.regions

    @property
    def averaged(self) -> tuple[str, ...]:
        """What the column `mean` is over: the regions where there are any, else the classes."""
        return tuple(self.regions) or tuple(self.classes.values())


class MetricUse(BaseModel):
    """One column of a task: a metric under a key, with the kind's own options."""

    model_config = _STRICT

    metric: str
    key: str = Field(alias="as", default="", description="the column's key; the metric's own where not given")
    ranks: bool = True
    digits: int = Field(default=3, ge=0, le=9)
    column: Literal["ranking", "more"] = "ranking"
    options: dict[str, str] = Field(default_factory=dict, description="options of the task kind, such as region")

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        """Options are written flat beside the metric; the task kind judges them."""
        if not isinstance(data, dict):
            return data
        known = {"metric", "as", "key", "ranks", "digits", "column", "options"}
        flat = {key: value for key, value in data.items() if key not in known}
        kept = {("as" if key == "key" else key): value for key, value in data.items() if key in known}
        kept["options"] = {name: _as_written(value) for name, value in {**flat, **(data.get("options") or {})}.items()}
        kept["as"] = kept.get("as") or data.get("metric", "")
        return kept


def _as_written(value: Any) -> Any:
    """A number as text, the shortest that says it: `3`, `3.0` and `"3"` are one option."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RankingRule(StrEnum):
    """How per-case values become an order."""

    RANK_THEN_MEAN = "rank_then_mean"
    MEAN_THEN_RANK = "mean_then_rank"
    MEDIAN_OF_RANKS = "median_of_ranks"
    SUM_OF_RANKS = "sum_of_ranks"
    SIGNIFICANCE = "significance"
    #: seconds a case, among the methods that pass the gate
    SPEED = "speed"


#: rules that can rank a missing case last without giving it a value
RANKS_CASES = frozenset({RankingRule.RANK_THEN_MEAN, RankingRule.MEDIAN_OF_RANKS})


class TieMethod(StrEnum):
    """Which number a tied group shares.

    No dense ranks (1, 1, 2): they count groups, so that a method which drops to the last place can rank better for it.
    """

    MIN = "min"
    AVERAGE = "average"
    MAX = "max"


class Gate(BaseModel):
    """The quality that a method must have before its speed counts; exactly one of the three says how much."""

    model_config = _STRICT

    metric: str = Field(
        description="key of the column whose mean is looked at; a missing case counts as `missing` says"
    )
    no_worse_than: float | None = Field(
        default=None, allow_inf_nan=False, description="this mean passes, and better ones"
    )
    better_than: str | None = Field(default=None, description="a method of `baselines`; its own mean does not pass")
    first: int | None = Field(
        default=None,
        ge=1,
        description="the first so many by that metric pass, baselines counted; all do while no more stand on the board",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Gate:
        given = [self.no_worse_than, self.better_than, self.first]
        if sum(way is not None for way in given) != 1:
            raise ValueError(
                "write one of `no_worse_than: 0.9` (a mean), `better_than: unet` (a baseline) and `first: 10` (places)"
            )
        return self


class Ranking(BaseModel):
    """The task's rule. `missing` has no default: an organiser must decide."""

    model_config = _STRICT

    rule: RankingRule
    strata: Literal["equal", "cases"] = Field(
        default="cases", description="every stratum, or every case, weighs the same"
    )
    ties: TieMethod = TieMethod.MIN
    gate: Gate | None = Field(default=None, description="of rule speed alone, which needs it")
    missing: Literal["worst", "last"] | float | dict[str, float] = Field(
        description="what a missing case counts: the metric's worst value, a number, a number a metric, or the last rank"
    )

    @field_validator("missing", mode="before")
    @classmethod
    def _is_a_rule_for_missing(cls, value: Any) -> Any:
        if value in ("worst", "last") or _is_number(value):
            return value
        if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
            if all(_is_number(number) for number in value.values()):
                return value
            raise ValueError("write a finite number for each metric, such as {hd95: 374}")
        raise ValueError("write `worst`, `last`, a number, or a number for single metrics such as {hd95: 374}")

    @model_validator(mode="after")
    def _last_needs_a_rule_that_ranks_cases(self) -> Ranking:
        if self.missing == "last" and self.rule not in RANKS_CASES:
            raise ValueError(
                f"{self.rule} compares values, and `missing: last` gives a missing case none; "
                "write `missing: worst` or a number"
            )
        return self

    @model_validator(mode="after")
    def _speed_has_a_gate(self) -> Ranking:
        if self.rule is RankingRule.SPEED and self.gate is None:
            raise ValueError(
                "rule speed needs a gate, or an empty picture would win; write `gate: {metric: ssim, no_worse_than: 0.9}`"
            )
        if self.rule is not RankingRule.SPEED and self.gate is not None:
            raise ValueError(f"a gate belongs to rule speed; {self.rule} ranks by quality itself: take it out")
        return self

    def needs_diagonals(self, key: str, *, spec: MetricSpec) -> bool:
        """Whether a missing case of the column `key` counts the diagonal of its own image: `worst` of a metric of distances."""
        return self.missing != "last" and self.given(key) is None and spec.worst is None

    def given(self, key: str) -> float | None:
        """The number that the task itself gives a missing case of the column `key`; None: it gives none."""
        if isinstance(self.missing, dict):
            return self.missing.get(key)
        return self.missing if isinstance(self.missing, int | float) else None

    def fill(self, key: str, *, spec: MetricSpec) -> float | None:
        """What a missing case of the column `key` counts; None: no value but the last rank.

        Raises ValueError for a metric without one worst value where the task gives no number: see `needs_diagonals`.
        """
        if self.missing == "last":
            return None
        if (given := self.given(key)) is not None:
            return given
        if spec.worst is None:
            raise ValueError(
                f"{key}: the worst {spec.title} differs from case to case (the diagonal of its image in mm); "
                f"write a number in mm such as `missing: {{{key}: 400}}`"
            )
        return spec.worst


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= float_info.max


class StratumSpec(BaseModel):
    """One property that cases are grouped by."""

    model_config = _STRICT

    title: str
    values: dict[str, str] = Field(min_length=1, description="value as text -> title, in order")

    @model_validator(mode="before")
    @classmethod
    def _list_is_its_own_title(cls, data: Any) -> Any:
        """`values: [4, 8, 10]` is short for each value being its own title."""
        if isinstance(data, dict) and isinstance(data.get("values"), list):
            return {**data, "values": {str(value): str(value) for value in data["values"]}}
        if isinstance(data, dict) and isinstance(data.get("values"), dict):
            return {**data, "values": {str(key): str(value) for key, value in data["values"].items()}}
        return data


class TaskSpec(BaseModel):
    """Everything that decides what a score of this task means; part of the run spec's digest."""

    model_config = _STRICT

    kind: str
    mode: RunMode = RunMode.BATCH
    layout: str
    input: str = Field(description="path template below /input; its placeholders are the case's parts")
    output: OutputFormat
    case: tuple[str, ...] = Field(min_length=1)
    independent: str
    strata: dict[str, StratumSpec]
    metrics: tuple[MetricUse, ...] = Field(min_length=1)
    ranking: Ranking

    @model_validator(mode="after")
    def _keys_differ(self) -> TaskSpec:
        keys = [use.key for use in self.metrics]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"two metrics share the key {twice[0]!r}; give one of them another with `as:`")
        if not any(use.ranks for use in self.metrics):
            raise ValueError("at least one metric must rank")
        return self

    def answer(self, first: str) -> str:
        """Where a case whose first input lies at `first` must be answered. Raises PathMismatch."""
        if self.output.path == SAME:
            return first
        return refill(first, given=self.input, wanted=self.output.path)


class ReferencePart(BaseModel):
    """One file of what a case is scored against; see `reference_parts` for how its name says which it is."""

    model_config = _STRICT

    #: empty: the first file
    name: str = ""
    title: str
    #: numpy kinds that its values may have
    kinds: str = "f"
    #: who needs it; empty: every metric
    metrics: tuple[str, ...] = ()


class KindOffer(BaseModel):
    """What a task kind serves, as the catalogue tells the site."""

    model_config = _STRICT

    title: str
    modes: tuple[RunMode, ...]
    layouts: tuple[str, ...]
    formats: tuple[str, ...]
    metrics: tuple[str, ...]
    #: option -> accepted values, each with what it does and who does it so; the first is the default
    options: dict[str, Choice]
    #: metric -> which of the options it takes; one that is not named takes all
    takes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    references: tuple[ReferencePart, ...] = (ReferencePart(title="reference"),)
    #: whether outputs are label maps: the task then names their classes, and every case has an affine
    labels: bool = False
    #: option -> the value that a column must have where files hold the ranked part alone; empty: such files are not served
    ranked: dict[str, str] = Field(default_factory=dict)

    def options_of(self, metric: str, *, output: OutputFormat | None = None) -> dict[str, tuple[str, ...]]:
        """The options that a column of this metric takes; of a task whose output has classes also which of them, or which region."""
        served = {name: tuple(self.options[name].values) for name in self.takes.get(metric, tuple(self.options))}
        if output is not None and output.classes:
            served[CLASS] = (ALL_CLASSES, *output.judged)
        return served

    def parts_of(self, metrics: Iterable[str]) -> tuple[ReferencePart, ...]:
        """The references that these metrics need."""
        asked = set(metrics)
        return tuple(part for part in self.references if not part.metrics or asked & set(part.metrics))

    def ranked_part(self) -> str:
        """What files of `shape: ranked` hold of the reference, in words."""
        return "; ".join(self.options[name].values[value] for name, value in self.ranked.items())

    def ranked_problem(self, use: MetricUse) -> str:
        """Why this column cannot be scored from files of `shape: ranked`; empty: it can."""
        if not self.ranked:
            return "files that hold the ranked part alone are not served by this kind"
        accepted = self.options_of(use.metric)
        for name, value in self.ranked.items():
            if name in accepted and use.options.get(name, accepted[name][0]) != value:
                return f"{use.key}: files of `shape: ranked` hold {name} {value} alone"
        return ""


class Catalogue(BaseModel):
    """contract/catalogue.json: written by `make catalogue` from the code, read by the site."""

    model_config = _STRICT

    scorer: str = Field(description="hash over the code that decides a score")
    metrics: dict[str, MetricSpec]
    kinds: dict[str, KindOffer]
