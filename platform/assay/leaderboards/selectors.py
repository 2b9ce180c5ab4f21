"""Boards and results: what evaluations measured, averaged, ranked, and shown to those who may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.evaluations.models import Evaluation
from assay.leaderboards.cases import Cases, Scored, read_cases, read_scored
from assay.leaderboards.certainty import Known, read_certainty
from assay.leaderboards.entries import Entry, NotRanked, Rules
from assay.leaderboards.errors import BoardHidden
from assay.leaderboards.measured import measured
from assay.leaderboards.ranking.aggregate import Values, mean, pick
from assay.leaderboards.ranking.words import describe
from assay.leaderboards.scoring_words import missing_words, option_words
from assay.leaderboards.snapshots import Newest
from assay.leaderboards.speed import Placed, describe_passing, order_by_speed
from assay.submissions.models import Submission
from assay.submissions.selectors import is_organiser, scores_visible
from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow, VariantOut
from evaluators.contract.catalogue import catalogue
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import CLASS, MetricUse, TaskSpec

Means = dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One submission's means, over all cases and per stratum, and what they are of; whether cases may be seen is the caller's question."""

    columns: list[BoardColumn]
    metrics: Means
    #: "af=4" -> {metric: mean}
    strata: dict[str, Means]
    cases: Cases
    #: metric -> one value a case, None where it has none
    values: dict[str, Values]


def board(
    *, phase: Phase, viewer: User | None, now: datetime, stratum: str | None = None, since: Newest | None = None
) -> BoardOut:
    """The board of a phase, ranked rows first in their order.

    stratum: `af=4` ranks and averages over those cases alone; the per-stratum means stay those of all cases.
    since: the snapshot that changes of rank are counted from; a stratum has none.
    Raises BoardHidden (not public yet and the viewer is no organiser), StratumUnknown.
    """
    check_public(phase=phase, viewer=viewer, now=now)
    scored = read_scored(phase)
    ready = scored.ready(scored.cases.chosen(stratum))
    known = read_certainty(phase=phase, stratum=stratum, scored=scored, ready=ready)
    return board_of(phase=phase, scored=scored, known=known, stratum=stratum, since=None if stratum else since)


def board_of(
    *, phase: Phase, scored: Scored, known: Known, stratum: str | None = None, since: Newest | None = None
) -> BoardOut:
    """The same of what was read already; nothing more is read."""
    task, cases = scored.task, scored.cases
    chosen = cases.chosen(stratum)
    within = cases.within()
    hidden = not phase.ranked.is_public
    if scored.timed:
        ranked = order_by_speed(
            scored.entries,
            task=task,
            rules=scored.rules,
            cases=chosen,
            number_baselines=scored.numbered,
            hidden=hidden,
        )
    else:
        order = _order(scored.entries, rules=scored.rules, cases=chosen, number_baselines=scored.numbered)
        ranked = [Placed(entry=entry, rank=number) for entry, number in order]
    return BoardOut(
        phase=phase.address,
        title=phase.title,
        scorer=catalogue().scorer,
        dataset=str(phase.ranked),
        cases=len(chosen),
        units=cases.count_units(chosen),
        rule=describe(task.ranking),
        gate="" if task.ranking.gate is None else describe_passing(ranked, gate=task.ranking.gate),
        ranking=task.ranking.rule.value,
        since=since.name if since else "",
        certainty=known.told,
        columns=columns_of(task),
        rows=[_row(one, chosen=chosen, within=within, hidden=hidden, known=known, since=since) for one in ranked],
        not_ranked=[_left_out(one) for one in scored.left_out],
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
    cases = read_cases(evaluation.dataset_id, task=task)
    values: dict[str, Values] = {row.key: row.values for row in evaluation.scores.all()}
    means, strata = _means(values, chosen=cases.chosen(None), within=cases.within())
    return Result(columns=columns_of(task), metrics=means, strata=strata, cases=cases, values=values)


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
            variant=[VariantOut(name=one.name, value=one.value, text=one.text) for one in option_words(use, task=task)],
            missing=missing_words(use, task=task),
            clip=known[use.metric].clip,
            shown=use.column,
        )
        for use in task.metrics
    ]


def title_of(use: MetricUse) -> str:
    """The metric's title, and the class where the column judges one."""
    title = catalogue().metrics[use.metric].title
    return f"{title}, {use.options[CLASS]}" if CLASS in use.options else title


def check_public(*, phase: Phase, viewer: User | None, now: datetime) -> None:
    """Raises BoardHidden where the board is not public yet and the viewer is no organiser."""
    if is_public(phase, now=now) or is_organiser(user=viewer, challenge=phase.task.challenge):
        return
    assert phase.board_from is not None  # noqa: S101 -- else it is public
    raise BoardHidden(public_from=phase.board_from)


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


def _row(
    placed: Placed,
    *,
    chosen: Sequence[int],
    within: Mapping[str, Sequence[int]],
    hidden: bool,
    known: Known,
    since: Newest | None,
) -> BoardRow:
    entry = placed.entry
    submission, evaluation = entry.submission, entry.submission.evaluation
    means, strata = _means(entry.values, chosen=chosen, within=within)
    failures = _failures(evaluation, chosen=chosen)
    seen = measured(evaluation, chosen=chosen, hidden=hidden)
    low, high = known.intervals.get(submission.code, (None, None))
    change, new = (None, False) if since is None else since.compare(submission, rank=placed.rank)
    return BoardRow(
        rank=placed.rank,
        change=change,
        new=new,
        rank_low=low,
        rank_high=high,
        group=known.letters.get(submission.code, ""),
        note=placed.note,
        team=submission.team.slug,
        team_name=submission.team.name,
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


def _means(
    values: Mapping[str, Values], *, chosen: Sequence[int], within: Mapping[str, Sequence[int]]
) -> tuple[Means, dict[str, Means]]:
    overall = {key: mean(pick(column, chosen)) for key, column in values.items()}
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
        "team_name": one.submission.team.name,
        "baseline": one.submission.is_baseline,
        "submission": one.submission.code,
        "reason": one.reason,
        "text": one.text,
    }
