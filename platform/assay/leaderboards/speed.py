"""A board under the speed rule: its order, and in words why a method has no rank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assay.leaderboards.entries import Entry, Rules
from assay.leaderboards.measured import measured
from assay.leaderboards.ranking.speed import Barred, SpeedStanding, rank_by_speed
from evaluators.contract.catalogue import catalogue
from evaluators.contract.tasks import Gate, MetricUse, TaskSpec


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One entry; `note` says why there is no rank."""

    entry: Entry
    rank: float | None
    note: str = ""
    #: whether it passes the gate; only asked under rule speed
    passes: bool = True


def order_by_speed(
    entries: Sequence[Entry],
    *,
    task: TaskSpec,
    rules: Rules,
    cases: Sequence[int],
    number_baselines: bool,
    hidden: bool,
) -> list[Placed]:
    """Ranked entries first, fastest first; the others behind them, best quality first. cases: indexes that are looked at.

    number_baselines: whether baselines that pass get a rank; else they stand behind, and nobody moves down for them.
    """
    gate = task.ranking.gate
    if gate is None or not entries:
        return []
    (metric,) = (each for each in rules.metrics if each.key == gate.metric)
    racing = [at for at, entry in enumerate(entries) if number_baselines or not entry.submission.is_baseline]
    seconds = {
        str(at): measured(entry.submission.evaluation, chosen=cases, hidden=hidden).seconds_a_case
        if _timed(entry)
        else None
        for at, entry in enumerate(entries)
    }
    found = rank_by_speed(
        table={
            str(at): {metric.key: [entry.values[metric.key][case] for case in cases]}
            for at, entry in enumerate(entries)
        },
        metric=metric.at(cases),
        cells=[rules.cells[case] for case in cases],
        seconds={name: value if int(name) in racing else None for name, value in seconds.items()},
        gate=gate,
        ties=rules.ties,
        rivals={str(at) for at, entry in enumerate(entries) if _is_rival(entry, gate=gate)},
    )
    use = next(each for each in task.metrics if each.key == gate.metric)
    placed = []
    for at, entry in enumerate(entries):
        standing = found[str(at)]
        unnumbered = standing.barred is Barred.NOT_TIMED and at not in racing
        note = "" if unnumbered else describe_bar(standing, gate=gate, use=use)
        passes = standing.barred not in {Barred.GATE, Barred.NO_RIVAL}
        placed.append((standing, Placed(entry=entry, rank=standing.rank, note=note, passes=passes)))
    placed.sort(key=lambda pair: _key(pair[0], pair[1]))
    return [one for _, one in placed]


def describe_bar(standing: SpeedStanding, *, gate: Gate, use: MetricUse) -> str:
    """Why a method has no rank; empty for one that has."""
    title = catalogue().metrics[use.metric].title
    quality = f"{title} {standing.quality:.{use.digits}f}"
    match standing.barred:
        case None:
            return ""
        case Barred.NOT_TIMED:
            return "no case of it was timed: it ran in another mode, or has no case but the warm-up"
        case Barred.NO_RIVAL:
            return f"nobody passes the gate yet: {gate.better_than} has no scores here"
        case Barred.GATE if gate.first is not None:
            return f"below the gate: place {standing.place:g} by {title}, the first {gate.first} pass"
        case Barred.GATE:
            bar = f"{standing.bar:.{use.digits}f}"
            than = f"better than {gate.better_than}, {bar}" if gate.better_than is not None else f"{bar} or better"
            return f"below the gate: {quality}, with missing cases at their worst; {than} passes"


def describe_passing(placed: Sequence[Placed], *, gate: Gate) -> str:
    """How many pass the gate now, and why where it bars nobody; empty for an empty board."""
    if not placed:
        return ""
    here = f"{len(placed)} {'method stands' if len(placed) == 1 else 'methods stand'} here"
    if gate.first is not None and len(placed) <= gate.first:
        return f"The gate bars nobody yet: the first {gate.first} by {gate.metric} pass, and {here}."
    return f"{here}, {sum(one.passes for one in placed)} of them pass the gate."


def same_method(method: str, name: str) -> bool:
    """Whether a method's name on the board is what a challenge file calls it: U-Net is unet."""
    return _plain(method) == _plain(name)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _is_rival(entry: Entry, *, gate: Gate) -> bool:
    submission = entry.submission
    return gate.better_than is not None and submission.is_baseline and same_method(submission.method, gate.better_than)


def _timed(entry: Entry) -> bool:
    return (entry.submission.evaluation.run or {}).get("case_seconds") is not None


def _key(standing: SpeedStanding, placed: Placed) -> tuple[float, float, str, str]:
    submission = placed.entry.submission
    last = float("inf")
    return (
        last if placed.rank is None else placed.rank,
        standing.place,
        submission.method.casefold(),
        submission.code,
    )
