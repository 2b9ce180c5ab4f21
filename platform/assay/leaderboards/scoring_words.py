"""How a task is scored, in words: every metric with its variant, direction, bounds, worst value, edge rule and source, and the rule."""

from __future__ import annotations

from dataclasses import dataclass

from assay.leaderboards.ranking.words import describe
from evaluators.contract.catalogue import catalogue
from evaluators.contract.metrics import Better, Choice, MetricSpec, Number
from evaluators.contract.tasks import ALL_CLASSES, CLASS, MetricUse, OutputFormat, RankingRule, TaskSpec


@dataclass(frozen=True, kw_only=True)
class OptionWords:
    """One option of a column: its value, and what that computes where the catalogue says it."""

    name: str
    value: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MetricWords:
    """One metric column in words."""

    use: MetricUse
    spec: MetricSpec
    better: str
    bounds: str
    worst: str
    options: tuple[OptionWords, ...]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The whole panel."""

    rule: str
    ranking: tuple[MetricWords, ...]
    more: tuple[MetricWords, ...]
    unit: str
    #: whether places come from tests: no page may then say that nothing is tested
    tested: bool
    #: whether seconds decide
    timed: bool


def explain(task: TaskSpec) -> Explained:
    """From the task and the catalogue alone: the page can claim nothing that the scorer does not do."""
    words = [_metric(use, task=task) for use in task.metrics]
    return Explained(
        rule=describe(task.ranking),
        ranking=tuple(each for each in words if each.use.ranks),
        more=tuple(each for each in words if not each.use.ranks),
        unit=task.independent,
        tested=task.ranking.rule is RankingRule.SIGNIFICANCE,
        timed=task.ranking.rule is RankingRule.SPEED,
    )


def _metric(use: MetricUse, *, task: TaskSpec) -> MetricWords:
    spec = catalogue().metrics[use.metric]
    unit = _unit(spec)
    low, high = spec.bounds
    if low is not None and high is not None:
        bounds = f"{low:g} to {high:g}{unit}"
    elif low is not None:
        bounds = f"from {low:g}{unit}"
    elif high is not None:
        bounds = f"up to {high:g}{unit}"
    else:
        bounds = "any number"
    return MetricWords(
        use=use,
        spec=spec,
        better="higher is better" if spec.better is Better.HIGHER else "lower is better",
        bounds=bounds,
        worst=missing_words(use, task=task),
        options=option_words(use, task=task),
    )


def option_words(use: MetricUse, *, task: TaskSpec) -> tuple[OptionWords, ...]:
    """The kind's options as the task gives them, then the metric's own, defaults included; each with what its value computes."""
    spec = catalogue().metrics[use.metric]
    offered = catalogue().kinds[task.kind].options
    kinds = [
        _judged(value, output=task.output)
        if name == CLASS
        else OptionWords(name=name, value=value.replace("-", " "), text=offered[name].values.get(value, ""))
        for name, value in use.options.items()
        if name not in spec.options
    ]
    return (*kinds, *(_own_option(name, option, given=use.options.get(name)) for name, option in spec.options.items()))


def _judged(chosen: str, *, output: OutputFormat) -> OptionWords:
    """Which voxels a column of a label map judges."""
    if chosen == ALL_CLASSES:
        return OptionWords(name=CLASS, value=chosen, text=f"over {', '.join(output.averaged)}, each weighing the same")
    labels = output.judged.get(chosen, ())
    text = (
        f"labels {', '.join(map(str, labels))} as one mask"
        if len(labels) > 1
        else f"label {labels[0]}"
        if labels
        else ""
    )
    return OptionWords(name=CLASS, value=chosen, text=text)


def _own_option(name: str, option: Choice | Number, *, given: str | None) -> OptionWords:
    if isinstance(option, Choice):
        value = given if given is not None else next(iter(option.values))
        return OptionWords(name=name, value=value, text=option.values.get(value, ""))
    number = given if given is not None else f"{option.default:g}" if option.default is not None else "not given"
    # a count of bins is read without its unit, which is the option's own name
    unit = "" if option.unit in {"", "1", name} else f" {option.unit}"
    return OptionWords(name=name, value=f"{number}{unit}", text="")


def missing_words(use: MetricUse, *, task: TaskSpec) -> str:
    """What a missing case counts in this column: what the function that ranks will take. Empty where the column does not rank."""
    spec = catalogue().metrics[use.metric]
    if not use.ranks:
        return ""
    if task.ranking.needs_diagonals(use.key, spec=spec):
        return "the diagonal of its image, in mm"
    counts = task.ranking.fill(use.key, spec=spec)
    return "the last rank" if counts is None else f"{counts:g}{_unit(spec)}"


def _unit(spec: MetricSpec) -> str:
    return "" if spec.unit in {"", "1"} else f" {spec.unit}"
