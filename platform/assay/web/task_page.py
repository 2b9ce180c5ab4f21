"""A task as a team reads it: the trees that go in and must come out, one case opened out, and the rule on a worked example."""

from __future__ import annotations

from dataclasses import dataclass

from assay.challenges.models import Phase, Task
from assay.datasets.models import Case, CaseFile, FileRole
from assay.leaderboards.cases import ranked_metric
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import rank
from assay.leaderboards.ranking.speed import rank_by_speed
from assay.leaderboards.selectors import title_of
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import NAME
from evaluators.contract.metrics import Better, MetricSpec
from evaluators.contract.per_case import CaseAnswer, CaseQuestion
from evaluators.contract.tasks import Gate, RankingRule, RunMode, TaskSpec

_LINES = 24
#: in the worked example of a rule that tests differences: with fewer nothing is significant
_TESTED_CASES = 12
#: stands for the worst value of a metric that has none of its own, in its own unit
_FAR = 100.0


@dataclass(frozen=True, kw_only=True)
class Trees:
    """Both sides of a run. Empty where no public sample tells them."""

    given: str
    wanted: str
    #: the output of one case, such as (96, 72, 2, 8), axis by axis
    shape: tuple[tuple[str, int], ...]
    example: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """Three invented methods under the task's own rule, computed by the function that ranks the board."""

    caption: str
    metrics: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...], str, str], ...]


def trees_of(task: Task, *, phases: list[Phase]) -> Trees | None:
    """From the files of the first public sample; None where there is none."""
    sample = next((phase.sample for phase in phases if phase.sample is not None and phase.sample.is_public), None)
    if sample is None:
        return None
    cases = list(sample.cases.order_by("index").prefetch_related("files"))
    inputs = [(case, _inputs(case)) for case in cases]
    first = next(((case, files) for case, files in inputs if files), None)
    if first is None:
        return None
    groups = {group: f"P{number:03d}" for number, group in enumerate(dict.fromkeys(case.group for case in cases), 1)}
    given = [file.path.replace(NAME, groups[case.group]) for case, files in inputs for file in files]
    spec = task.parsed()
    wanted = [spec.answer(files[0].path.replace(NAME, groups[case.group])) for case, files in inputs if files]
    axes = spec.output.axes.split()
    return Trees(
        given=draw_tree("/input", given),
        wanted=draw_tree("/output", wanted),
        shape=tuple(zip(axes, first[0].shape, strict=False)),
        example=wanted[0],
    )


@dataclass(frozen=True, kw_only=True)
class TalkLines:
    """A question of per_case mode and its answer, on the first sample case."""

    question: str
    answer: str


def talk_of(task: Task, *, phases: list[Phase]) -> TalkLines | None:
    """None for a task of another mode."""
    spec = task.parsed()
    if spec.mode is not RunMode.PER_CASE:
        return None
    sample = next((phase.sample for phase in phases if phase.sample is not None and phase.sample.is_public), None)
    case = None if sample is None else sample.cases.order_by("index").prefetch_related("files").first()
    inputs = ["…"] if case is None else [file.path.replace(NAME, "P001") for file in _inputs(case)]
    output = "…" if case is None else spec.answer(inputs[0])
    question = CaseQuestion(case=1, inputs=tuple(inputs), output=output)
    return TalkLines(question=question.line(), answer=CaseAnswer(done=1).model_dump_json())


def draw_tree(root: str, paths: list[str]) -> str:
    """Folders and files as text, at most two dozen lines; what is left out is counted."""
    lines = [root]
    shown: set[tuple[str, ...]] = set()
    for path in sorted(set(paths)):
        parts = tuple(path.split("/"))
        for depth in range(1, len(parts) + 1):
            if parts[:depth] not in shown:
                shown.add(parts[:depth])
                lines.append("  " * depth + parts[depth - 1] + ("" if depth == len(parts) else "/"))
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"  … {len(lines) - _LINES} more lines"]
    return "\n".join(lines)


def worked_example(task: TaskSpec) -> Example:
    """Three methods and one case: the second leaves it out, so that the missing rule shows."""
    if task.ranking.gate is not None:
        return _speed_example(task, gate=task.ranking.gate)
    tested = task.ranking.rule is RankingRule.SIGNIFICANCE
    cases = _TESTED_CASES if tested else 1
    specs = [(use, catalogue().metrics[use.metric]) for use in task.metrics if use.ranks]
    metrics = [ranked_metric(use, task=task, diagonals=[_FAR] * cases) for use, _ in specs]
    fills = {
        use.key: _FAR if task.ranking.needs_diagonals(use.key, spec=spec) else task.ranking.fill(use.key, spec=spec)
        for use, spec in specs
    }
    values: dict[str, dict[str, list[float | None]]] = {
        name: {
            use.key: [None if name == "B" else _invent(spec, step=step, fill=fills[use.key])] * cases
            for use, spec in specs
        }
        for step, name in enumerate("ABC")
    }
    standings = rank(table=values, metrics=metrics, cells=[()] * cases, rule=task.ranking.rule, ties=task.ranking.ties)
    rows = []
    for name, columns in values.items():
        cells = []
        for use, _ in specs:
            value, fill = columns[use.key][0], fills[use.key]
            if value is not None:
                cells.append(f"{value:.{use.digits}f}")
            else:
                cells.append("– (ranks last)" if fill is None else f"– (counts as {fill:g})")
        rows.append((name, tuple(cells), f"{standings[name].score:g}", f"{standings[name].rank:g}"))
    what = f"{cases} alike cases" if tested else "one case"
    return Example(
        caption=f"A worked example: three methods, {what}, invented numbers. B left {'them' if tested else 'the case'} out.",
        metrics=tuple(title_of(use) for use, _ in specs),
        rows=tuple(rows),
    )


def _speed_example(task: TaskSpec, *, gate: Gate) -> Example:
    """Three methods under the speed rule: the fastest is not good enough."""
    use = next(each for each in task.metrics if each.key == gate.metric)
    spec = catalogue().metrics[use.metric]
    fill = task.ranking.fill(use.key, spec=spec) if spec.worst is not None else _FAR
    good = [_invent(spec, step=step, fill=fill) for step in range(3)]
    bar = gate.no_worse_than
    if bar is not None:
        # two that pass and one that does not, whatever the bar
        sign = 1 if spec.better is Better.HIGHER else -1
        step = 0.02 * abs(bar) or 0.02
        good = [bar + sign * step, bar + sign * step / 2, bar - sign * step]
    seconds: dict[str, float | None] = {"A": 4.2, "B": 1.6, "C": 0.3}
    table = {name: {use.key: [value]} for name, value in zip("ABC", good, strict=True)}
    shown = gate if gate.first is None else gate.model_copy(update={"first": 2})
    placed = rank_by_speed(
        table=table,
        metric=RankedMetric(key=use.key, better=spec.better, worst=fill),
        cells=[()],
        seconds=seconds,
        gate=shown,
        ties=task.ranking.ties,
        rivals={"C"},
    )
    rows = tuple(
        (
            name,
            (f"{at.quality:.{use.digits}f}",),
            f"{at.seconds:g} s",
            "below the gate" if at.rank is None else f"{at.rank:g}",
        )
        for name, at in placed.items()
    )
    rule = {
        "better_than": f"C is the baseline {gate.better_than}, whose mean is to be beaten",
        "first": "the first 2 pass here",
        "no_worse_than": "C is fast and does not pass",
    }
    way = next(name for name in rule if getattr(gate, name) is not None)
    return Example(
        caption=f"A worked example: three methods, one case, invented numbers; {rule[way]}.",
        metrics=(title_of(use),),
        rows=rows,
    )


def _inputs(case: Case) -> list[CaseFile]:
    files = [file for file in case.files.all() if file.role == FileRole.INPUT]
    return sorted(files, key=lambda file: file.position)


def _invent(spec: MetricSpec, *, step: int, fill: float | None) -> float:
    """A plausible value between what a missing case counts and perfection; A is a little better than C."""
    share = 0.04 + 0.01 * step
    low, high = spec.bounds
    worst = next((known for known in (fill, spec.worst) if known is not None), None)
    if spec.better is Better.LOWER:
        best = low or 0.0
        return best + share * ((_FAR if worst is None else worst) - best)
    if worst is None:
        worst = low or 0.0
    best = high if high is not None else worst + 1
    return best - share * (best - worst) if best <= 1 else worst + (0.4 - share) * (best - worst)
