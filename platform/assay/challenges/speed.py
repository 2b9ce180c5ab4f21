"""What a challenge file under the speed rule must say besides: how cases are timed, and a gate that can be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.challenges.explain import did_you_mean, quoted
from assay.challenges.marked_yaml import Document, Path
from assay.challenges.problems import Problem
from assay.challenges.schema import TaskFile
from evaluators.contract.metrics import MetricSpec
from evaluators.contract.tasks import Gate, RankingRule, RunMode


def speed_problems(
    path: Path, task: TaskFile, *, specs: Mapping[str, MetricSpec], document: Document
) -> Iterator[Problem]:
    """Nothing for a task of another rule. path: of the task in the file."""
    gate = task.ranking.gate
    if task.ranking.rule is not RankingRule.SPEED or gate is None:
        return

    def problem(*at: str | int, message: str, fix: str) -> Problem:
        return Problem(at=document.place((*path, *at)), message=message, fix=fix)

    if task.mode is not RunMode.PER_CASE:
        message = f"rule speed ranks by seconds a case, and {task.mode} mode times the run as a whole"
        yield problem(
            "ranking", "rule", message=message, fix="write `mode: per_case`, and `case_time` among the limits"
        )
    keys = [use.key for use in task.metrics]
    for place, use in enumerate(task.metrics):
        if use.key == gate.metric and not use.ranks:
            message = f"{use.key} decides the gate, so it takes part in the ranking"
            yield problem("metrics", place, "ranks", message=message, fix="take `ranks: false` out")
        elif use.key != gate.metric and use.ranks and gate.metric in keys:
            message = (
                f"rule speed ranks by time, and {gate.metric} alone decides the gate: {use.key} cannot rank beside it"
            )
            yield problem("metrics", place, message=message, fix="write `ranks: false` there")
    yield from _gate_problems(path, task, gate=gate, specs=specs, document=document)
    for place, phase in enumerate(task.phases):
        if phase.counts == "best":
            message = "rule speed has no best entry of a team: the fastest may be below the gate"
            yield problem("phases", place, "counts", message=message, fix="write `counts: last`")


def _gate_problems(
    path: Path, task: TaskFile, *, gate: Gate, specs: Mapping[str, MetricSpec], document: Document
) -> Iterator[Problem]:
    at = (*path, "ranking", "gate")
    use = next((each for each in task.metrics if each.key == gate.metric), None)
    if use is None:
        fix = did_you_mean(gate.metric, among=[each.key for each in task.metrics])
        yield Problem(
            at=document.place((*at, "metric")), message=f"no column has the key {quoted(gate.metric)}", fix=fix
        )
    elif gate.no_worse_than is not None and (spec := specs.get(use.metric)) is not None:
        low, high = spec.bounds
        if (low is not None and gate.no_worse_than < low) or (high is not None and gate.no_worse_than > high):
            message = f"no_worse_than: {gate.no_worse_than:g} is no value that {spec.title} can have"
            fix = "write a mean that a good method reaches"
            yield Problem(at=document.place((*at, "no_worse_than")), message=message, fix=fix)
    if gate.better_than is not None and gate.better_than not in task.baselines.methods:
        fix = did_you_mean(gate.better_than, among=task.baselines.methods) if task.baselines.methods else ""
        fix = fix or f"write `baselines: {{methods: [{gate.better_than}]}}`"
        message = f"{quoted(gate.better_than)} is no baseline of this task"
        yield Problem(at=document.place((*at, "better_than")), message=message, fix=fix)
