"""What stands on a board: per team and method the one submission that counts, and why the others are not ranked."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import TextField
from django.db.models.functions import Cast
from pydantic_core import from_json

from assay.challenges.models import Phase
from assay.evaluations.models import MetricScores
from assay.leaderboards.ranking.aggregate import Values, pick
from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import standings
from assay.submissions.models import Submission
from evaluators.contract.failures import HELP
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import RankingRule, TaskSpec, TieMethod


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission whose scores can be compared: {metric key: one value or None a case}."""

    submission: Submission
    values: Mapping[str, Values]

    @property
    def delivered(self) -> bool:
        """Whether any case has a value."""
        return any(value is not None for column in self.values.values() for value in column)


@dataclass(frozen=True, kw_only=True)
class NotRanked:
    """A method without a rank: `reason` is a failure's code, or WITHDRAWN, RESCORE, NO_VALUES."""

    submission: Submission
    reason: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How the board of a phase compares: what `counts`, and the ranking of the task."""

    metrics: Sequence[RankedMetric]
    cells: Sequence[Hashable]
    #: what is tested as one, such as a subject
    units: Sequence[Hashable]
    rule: RankingRule
    ties: TieMethod

    def ranks(self, entries: Sequence[Entry], *, cases: Sequence[int] | None = None) -> list[float]:
        """One rank an entry. cases: rank over these alone."""
        if not entries:
            return []
        placed = standings(self.ready(entries, cases=cases))
        return [placed[entry.submission.code].rank for entry in entries]

    def ready(self, entries: Sequence[Entry], *, cases: Sequence[int] | None = None) -> Contest:
        """The table that is ranked, entrants by their submission's code. At least one entry; not for rule speed."""
        whole = range(len(self.cells))
        chosen = whole if cases is None else cases
        every = len(chosen) == len(whole)
        return contest(
            table={
                entry.submission.code: {
                    m.key: entry.values[m.key] if every else pick(entry.values[m.key], chosen) for m in self.metrics
                }
                for entry in entries
            },
            metrics=[metric.at(chosen) for metric in self.metrics],
            cells=[self.cells[case] for case in chosen],
            units=[self.units[case] for case in chosen],
            rule=self.rule,
            ties=self.ties,
        )


@dataclass(frozen=True, kw_only=True)
class Version:
    """What scores must share to be compared: the data, the scorer's hash and the task's definitions."""

    dataset_id: int
    scorer: str
    task: TaskSpec


def read_board(
    *, phase: Phase, version: Version, rules: Rules, submissions: Iterable[Submission] | None = None
) -> tuple[list[Entry], list[NotRanked]]:
    """The counted entry of every (team, method), and the methods that have none; two queries.

    submissions: in place of the phase's own, oldest first, with evaluation and team; a re-score looks so at what might be.
    """
    task = version.task
    methods: dict[tuple[int, str, bool], list[Submission]] = {}
    for submission in submissions_of(phase) if submissions is None else submissions:
        methods.setdefault((submission.team_id, submission.method, submission.is_baseline), []).append(submission)
    everything = [one for group in methods.values() for one in group]
    same = comparable(everything, version=version)
    scores = _scores(same, task=task, cases=len(rules.cells))
    entries: list[Entry] = []
    left_out: list[NotRanked] = []
    for group in methods.values():
        scored = [
            Entry(submission=one, values=scores[one.evaluation_id])
            for one in group
            if one.withdrawn_at is None and one.evaluation_id in scores
        ]
        delivered = [entry for entry in scored if entry.delivered]
        if delivered:
            entries.append(_counted(delivered, counts=phase.counts, rules=rules))
        elif (reason := _why_not(group, scored=scored)) is not None:
            left_out.append(reason)
    return entries, left_out


def submissions_of(phase: Phase) -> Iterable[Submission]:
    """Oldest first; `run_spec` is that of the evaluation, as text."""
    return (
        Submission.objects.filter(phase=phase)
        .select_related("evaluation__dataset", "team")
        .defer("card", "evaluation__pseudonym_seed", "evaluation__run_spec", "evaluation__progress")
        # one text a run specification is read as JSON, not one a submission
        .annotate(run_spec=Cast("evaluation__run_spec", TextField()))
        .order_by("received_at", "pk")
    )


def comparable(submissions: Iterable[Submission], *, version: Version) -> set[object]:
    """Evaluations whose scores mean what this board's columns say: same data, same scorer, same definitions."""
    wanted = _definitions(version.task)
    #: run spec digest -> whether it defines every column as the task does now
    same: dict[str, bool] = {}
    found: set[object] = set()
    for submission in submissions:
        evaluation = submission.evaluation
        if evaluation.state != EvaluationState.SCORED or evaluation.dataset_id != version.dataset_id:
            continue
        if evaluation.run_spec_digest not in same:
            own = _definitions(TaskSpec.model_validate(_run_spec(submission)["task"]))
            same[evaluation.run_spec_digest] = all(own.get(key) == definition for key, definition in wanted.items())
        if evaluation.scorer == version.scorer and same[evaluation.run_spec_digest]:
            found.add(evaluation.pk)
    return found


def _run_spec(submission: Submission) -> dict[str, Any]:
    """Of its evaluation; from the text that `submissions_of` brought, unless a re-score has put another evaluation there."""
    evaluation = submission.evaluation
    if "run_spec" in evaluation.get_deferred_fields():
        spec: dict[str, Any] = json.loads(cast("Any", submission).run_spec)
        return spec
    return cast("dict[str, Any]", evaluation.run_spec)


def _definitions(task: TaskSpec) -> dict[str, tuple[object, ...]]:
    """What decides each column's values; digits, columns shown and ranking may change without a new score."""
    return {use.key: (task.kind, task.output, use.metric, sorted(use.options.items())) for use in task.metrics}


def _scores(evaluations: Iterable[object], *, task: TaskSpec, cases: int) -> dict[object, dict[str, Values]]:
    found: dict[object, dict[str, Values]] = {}
    rows = MetricScores.objects.filter(evaluation__in=list(evaluations)).values_list(
        "evaluation_id", "key", Cast("values", TextField())
    )
    for evaluation, key, packed in rows.iterator(chunk_size=500):
        # most of a board's time went into the standard library's parser
        found.setdefault(evaluation, {})[key] = from_json(packed)
    keys = [use.key for use in task.metrics]
    return {
        pk: {key: columns[key] for key in keys}
        for pk, columns in found.items()
        if all(len(columns.get(key, ())) == cases for key in keys)
    }


def _counted(scored: Sequence[Entry], *, counts: str, rules: Rules) -> Entry:
    """The last one, or the one that would be ranked first among a team's own, the earliest of equals. scored: oldest first."""
    if counts == "last" or len(scored) == 1:
        return scored[-1]
    ranks = rules.ranks(scored)
    return scored[ranks.index(min(ranks))]


def _why_not(group: Sequence[Submission], *, scored: Sequence[Entry]) -> NotRanked | None:
    """Why a method has no rank, told of its newest submission that says anything. None: it is still on its way, or was cancelled."""
    if scored:
        return NotRanked(submission=scored[-1].submission, reason="NO_VALUES", text="No case has a value.")
    for submission in reversed(group):
        evaluation = submission.evaluation
        scored_elsewhere = evaluation.state == EvaluationState.SCORED
        if scored_elsewhere and submission.withdrawn_at is not None:
            return NotRanked(submission=submission, reason="WITHDRAWN", text="Withdrawn by the team.")
        if scored_elsewhere:
            text = "Scored on other data or by another scorer version; awaits re-scoring."
            return NotRanked(submission=submission, reason="RESCORE", text=text)
        if evaluation.failure is not None and submission.withdrawn_at is None:
            code = evaluation.failure["code"]
            return NotRanked(submission=submission, reason=code, text=HELP[code].sentence)
    return None
