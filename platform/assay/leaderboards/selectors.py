"""Boards and results: what evaluations measured, averaged, ranked, and shown to those who may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import Team, User
from assay.challenges.models import Phase
from assay.datasets.models import Case
from assay.evaluations.models import Evaluation
from assay.leaderboards.entries import Entry, NotRanked, Rules, read_board
from assay.leaderboards.errors import BoardHidden, StratumUnknown
from assay.leaderboards.measured import measured
from assay.leaderboards.ranking.aggregate import Values, mean, members, pick, stratum_keys
from assay.leaderboards.ranking.contest import cells_of
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.words import describe
from assay.leaderboards.speed import Placed, describe_passing, order_by_speed
from assay.submissions.models import Submission
from assay.submissions.selectors import is_organiser, scores_visible
from evaluators.contract.api import BoardColumn, BoardOut, BoardRow
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import diagonal_of
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import CLASS, MetricUse, RankingRule, TaskSpec

Means = dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One submission's means: over all cases, and per stratum."""

    columns: list[BoardColumn]
    metrics: Means
    #: "af=4" -> {metric: mean}
    strata: dict[str, Means]


@dataclass(frozen=True, kw_only=True)
class _Cases:
    """The cases of a dataset version, as boards need them."""

    strata: Sequence[Mapping[str, str]]
    units: Sequence[str]
    keys: Sequence[str]
    #: mm, of each case's image; None where the dataset does not say where voxels lie
    diagonals: Sequence[float] | None

    def chosen(self, stratum: str | None) -> list[int]:
        """Indexes of the cases in a stratum; all where it is None. Raises StratumUnknown."""
        if stratum is None:
            return list(range(len(self.strata)))
        if stratum not in self.keys:
            raise StratumUnknown(known=list(self.keys))
        return members(self.strata, key=stratum)


def board(*, phase: Phase, viewer: User | None, now: datetime, stratum: str | None = None) -> BoardOut:
    """The board of a phase, ranked rows first in their order.

    stratum: `af=4` ranks and averages over those cases alone; the per-stratum means stay those of all cases.
    Raises BoardHidden (not public yet and the viewer is no organiser), StratumUnknown.
    """
    _check_public(phase=phase, viewer=viewer, now=now)
    task = phase.task.parsed()
    cases = _read_cases(phase.ranked_id, task=task)
    chosen = cases.chosen(stratum)
    rules = _rules(task, cases=cases)
    entries, left_out = read_board(phase=phase, task=task, rules=rules)
    numbered, hidden = phase.task.baselines_ranked, not phase.ranked.is_public
    if task.ranking.rule is RankingRule.SPEED:
        ranked = order_by_speed(entries, task=task, rules=rules, cases=chosen, number_baselines=numbered, hidden=hidden)
    else:
        order = _order(entries, rules=rules, cases=chosen, number_baselines=numbered)
        ranked = [Placed(entry=entry, rank=number) for entry, number in order]
    return BoardOut(
        phase=phase.address,
        title=phase.title,
        scorer=catalogue().scorer,
        dataset=str(phase.ranked),
        cases=len(chosen),
        units=len({cases.units[index] for index in chosen}),
        rule=describe(task.ranking),
        gate="" if task.ranking.gate is None else describe_passing(ranked, gate=task.ranking.gate),
        columns=columns_of(task),
        rows=[_row(placed, cases=cases, chosen=chosen, hidden=hidden) for placed in ranked],
        not_ranked=[_left_out(one) for one in left_out],
    )


def is_public(phase: Phase, *, now: datetime) -> bool:
    """Whether anybody may read the board."""
    return phase.board_from is None or phase.board_from <= now


def result(*, submission: Submission, viewer: User | None, now: datetime) -> Result | None:
    """The means of one scored submission; None where it has none, or where this viewer may not see them yet.

    Whether the viewer may see the submission itself is the caller's question.
    """
    evaluation = submission.evaluation
    if evaluation.state != EvaluationState.SCORED or not scores_visible(submission=submission, viewer=viewer, now=now):
        return None
    task = TaskSpec.model_validate(evaluation.run_spec["task"])
    cases = _read_cases(evaluation.dataset_id, task=task)
    values = {row.key: row.values for row in evaluation.scores.all()}
    means, strata = _means(values, cases=cases, chosen=cases.chosen(None))
    return Result(columns=columns_of(task), metrics=means, strata=strata)


def columns_of(task: TaskSpec) -> list[BoardColumn]:
    """The metric columns of a task, in the organiser's order."""
    known = catalogue().metrics
    return [
        BoardColumn(
            key=use.key,
            title=title_of(use),
            unit=known[use.metric].unit,
            better=known[use.metric].better.value,
            digits=use.digits,
            ranks=use.ranks,
            options=use.options,
        )
        for use in task.metrics
    ]


def title_of(use: MetricUse) -> str:
    """The metric's title, and the class where the column judges one."""
    title = catalogue().metrics[use.metric].title
    return f"{title}, {use.options[CLASS]}" if CLASS in use.options else title


def ranked_metric(use: MetricUse, *, task: TaskSpec, diagonals: Sequence[float] | None) -> RankedMetric:
    """What ranking must know of a column. diagonals: mm, of each case's image, for a metric of distances.

    Raises ValueError where a missing case has no value, which no applied file allows.
    """
    spec = catalogue().metrics[use.metric]
    if diagonals is not None and task.ranking.needs_diagonals(use.key, spec=spec):
        return RankedMetric(key=use.key, better=spec.better, worst=diagonals)
    return RankedMetric(key=use.key, better=spec.better, worst=task.ranking.fill(use.key, spec=spec))


def team_names(slugs: Iterable[str]) -> dict[str, str]:
    """{address: name} of teams, for a page that shows rows."""
    return dict(Team.objects.filter(slug__in=set(slugs)).values_list("slug", "name"))


def _check_public(*, phase: Phase, viewer: User | None, now: datetime) -> None:
    if is_public(phase, now=now) or is_organiser(user=viewer, challenge=phase.task.challenge):
        return
    assert phase.board_from is not None  # noqa: S101 -- else it is public
    raise BoardHidden(public_from=phase.board_from)


def _read_cases(dataset: int, *, task: TaskSpec) -> _Cases:
    rows = list(Case.objects.filter(dataset=dataset).order_by("index").values_list("strata", "unit", "shape", "affine"))
    strata = [strata for strata, *_ in rows]
    order = {name: list(spec.values) for name, spec in task.strata.items()}
    diagonals = [diagonal_of(affine, shape=shape) for *_, shape, affine in rows if affine is not None]
    return _Cases(
        strata=strata,
        units=[unit for _, unit, *_ in rows],
        keys=stratum_keys(strata, order=order),
        diagonals=diagonals if len(diagonals) == len(rows) else None,
    )


def _rules(task: TaskSpec, *, cases: _Cases) -> Rules:
    ranked = [ranked_metric(use, task=task, diagonals=cases.diagonals) for use in task.metrics if use.ranks]
    own = [{name: value for name, value in case.items() if name in task.strata} for case in cases.strata]
    return Rules(
        metrics=ranked,
        cells=cells_of(own, weighting=task.ranking.strata),
        units=cases.units,
        rule=task.ranking.rule,
        ties=task.ranking.ties,
    )


def _order(
    entries: Sequence[Entry], *, rules: Rules, cases: Sequence[int], number_baselines: bool
) -> list[tuple[Entry, float | None]]:
    """Entries by rank, equals by name. Baselines without a number stand in front of the first method that they do not lose to."""
    if not entries:
        return []
    joint = rules.ranks(entries, cases=cases)
    if number_baselines:
        numbers: dict[int, float] = dict(enumerate(joint))
    else:
        own = [position for position, entry in enumerate(entries) if not entry.submission.is_baseline]
        numbers = dict(zip(own, rules.ranks([entries[at] for at in own], cases=cases), strict=True))

    def name(position: int) -> tuple[str, str]:
        return entries[position].submission.method.casefold(), entries[position].submission.code

    placed = sorted(numbers, key=lambda at: (numbers[at], name(at)))
    for at in sorted((at for at in range(len(entries)) if at not in numbers), key=lambda at: (joint[at], name(at))):
        beaten = next((slot for slot, other in enumerate(placed) if joint[at] <= joint[other]), len(placed))
        # behind the baselines that were put there before
        while beaten < len(placed) and placed[beaten] not in numbers and joint[placed[beaten]] <= joint[at]:
            beaten += 1
        placed.insert(beaten, at)
    return [(entries[at], numbers.get(at)) for at in placed]


def _row(placed: Placed, *, cases: _Cases, chosen: Sequence[int], hidden: bool) -> BoardRow:
    entry = placed.entry
    submission, evaluation = entry.submission, entry.submission.evaluation
    means, strata = _means(entry.values, cases=cases, chosen=chosen)
    failures = _failures(evaluation, chosen=chosen)
    seen = measured(evaluation, chosen=chosen, hidden=hidden)
    return BoardRow(
        rank=placed.rank,
        note=placed.note,
        team=submission.team.slug,
        method=submission.method,
        baseline=submission.is_baseline,
        submission=submission.code,
        metrics=means,
        strata=strata,
        cases=len(chosen) - sum(failures.values()),
        failures=failures,
        seconds=seen.seconds,
        seconds_a_case=seen.seconds_a_case,
        peak_memory=seen.peak_memory,
        predictions=submission.predictions_id is not None,
    )


def _means(values: Mapping[str, Values], *, cases: _Cases, chosen: Sequence[int]) -> tuple[Means, dict[str, Means]]:
    overall = {key: mean(pick(column, chosen)) for key, column in values.items()}
    within = {key: members(cases.strata, key=key) for key in cases.keys}
    strata = {
        stratum: {key: mean(pick(column, indexes)) for key, column in values.items()}
        for stratum, indexes in within.items()
    }
    return overall, strata


def _failures(evaluation: Evaluation, *, chosen: Sequence[int]) -> dict[str, int]:
    codes = Counter(evaluation.outcomes[index]["code"] for index in chosen if evaluation.outcomes[index])
    return dict(codes.most_common())


def _left_out(one: NotRanked) -> dict[str, str | bool]:
    return {
        "method": one.submission.method,
        "team": one.submission.team.slug,
        "baseline": one.submission.is_baseline,
        "submission": one.submission.code,
        "reason": one.reason,
        "text": one.text,
    }
