"""Reads of dry runs: the latest one of a phase, and what came of it."""

from __future__ import annotations

from django.db.models import QuerySet

from assay.challenges.models import Phase
from assay.dryruns.models import DryRun
from assay.dryruns.verdict import EXPECTED, faults
from assay.evaluations.models import Evaluation, MetricScores
from assay.evaluations.services.request import run_spec_of
from evaluators.contract.catalogue import catalogue
from evaluators.contract.dry_runs import DryRunAnswer, DryRunOut
from evaluators.contract.jobs import Rehearsal
from evaluators.contract.states import FINAL, EvaluationState
from evaluators.contract.tasks import TaskSpec


def latest(phase: Phase) -> DryRun | None:
    """The newest dry run of a phase."""
    return _with_evaluations().filter(phase=phase).first()


def report(run: DryRun) -> DryRunOut:
    """What was expected and what came. Green: everything came as it must, and the phase is still as it was tried."""
    answers = [_answer(name, evaluation, run=run) for name, evaluation in run.evaluations.items()]
    ended = all(answer.ended for answer in answers)
    stale = _stale(run)
    return DryRunOut(
        phase=run.phase.address,
        asked_at=run.asked_at,
        dataset=run.dataset,
        scorer=run.perfect.scorer,
        ended=ended,
        green=ended and not stale and not any(answer.faults for answer in answers),
        stale=stale,
        answers=answers,
    )


def was_green(phase: Phase, dataset: str, task: TaskSpec) -> bool:
    """Whether this phase's scorer was tried, successfully, on this dataset version for this very task by this release."""
    run = latest(phase)
    if run is None or run.dataset != dataset or run.perfect.scorer != catalogue().scorer:
        return False
    tried = TaskSpec.model_validate(run.perfect.run_spec["task"])
    return tried == task and report(run).green


def _with_evaluations() -> QuerySet[DryRun]:
    return DryRun.objects.select_related("phase__task__challenge", "phase__ranked", "perfect", "empty", "broken")


def _stale(run: DryRun) -> str:
    """Why it says nothing of the phase as it is now; empty: it does."""
    phase = run.phase
    if str(phase.ranked) != run.dataset:
        return f"the phase has other data by now, {phase.ranked}"
    if run.perfect.scorer != catalogue().scorer:
        return "the scorer has another version by now"
    _, digest = run_spec_of(task=phase.task.parsed(), limits=phase.parsed_limits())
    return "" if digest == run.run_spec_digest else "the task or its limits were changed since"


def _answer(name: str, evaluation: Evaluation, *, run: DryRun) -> DryRunAnswer:
    rehearsal = Rehearsal(name)
    state = EvaluationState(evaluation.state)
    found: list[str] = []
    if state is EvaluationState.SCORED:
        scores = MetricScores.objects.filter(evaluation=evaluation).values_list("key", "values")
        found = faults(
            rehearsal,
            task=TaskSpec.model_validate(evaluation.run_spec["task"]),
            specs=catalogue().metrics,
            outcomes=evaluation.outcomes,
            scores=dict(scores),
            labels=list(run.phase.ranked.cases.order_by("index").values_list("label", flat=True))
            if str(run.phase.ranked) == run.dataset
            else [f"case {number + 1}" for number in range(len(evaluation.outcomes))],
        )
    elif state in FINAL:
        note = evaluation.failure or {}
        found = [f"ended as {state.value}: {note.get('code', '')} {note.get('detail', '')}".strip()]
    return DryRunAnswer(
        name=name, expected=EXPECTED[rehearsal], state=state.value, ended=state in FINAL, faults=found,
        cases=len(evaluation.outcomes),
    )  # fmt: skip
