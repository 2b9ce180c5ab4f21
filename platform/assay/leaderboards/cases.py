"""The cases of a board's data, and the rules by which a task compares what methods made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assay.challenges.models import Phase
from assay.datasets.models import Case
from assay.leaderboards.entries import Entry, NotRanked, Rules, Version, read_board
from assay.leaderboards.errors import StratumUnknown
from assay.leaderboards.ranking.aggregate import members, stratum_keys
from assay.leaderboards.ranking.contest import Contest, cells_of
from assay.leaderboards.ranking.missing import RankedMetric
from assay.submissions.models import Submission
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import diagonal_of
from evaluators.contract.tasks import MetricUse, RankingRule, TaskSpec


@dataclass(frozen=True, kw_only=True)
class Cases:
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

    def within(self) -> dict[str, list[int]]:
        """Stratum -> indexes of its cases."""
        return {key: members(self.strata, key=key) for key in self.keys}

    def count_units(self, chosen: Sequence[int]) -> int:
        """How many independent units these cases come from."""
        return len({self.units[index] for index in chosen})


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Everything that a board is made of."""

    task: TaskSpec
    cases: Cases
    rules: Rules
    entries: Sequence[Entry]
    left_out: Sequence[NotRanked]
    #: whether baselines get a number of their own
    numbered: bool

    @property
    def timed(self) -> bool:
        """Whether seconds rank."""
        return self.task.ranking.rule is RankingRule.SPEED

    def ready(self, chosen: Sequence[int]) -> Contest | None:
        """The table of whoever gets a number, in a fixed order; None where there is nobody, or seconds rank."""
        ranked = [entry for entry in self.entries if self.numbered or not entry.submission.is_baseline]
        if self.timed or not ranked:
            return None
        return self.rules.ready(sorted(ranked, key=lambda entry: entry.submission.code), cases=chosen)


def current_version(phase: Phase) -> Version:
    """What scores of this phase must be of to be ranked."""
    return Version(dataset_id=phase.ranked_id, scorer=catalogue().scorer, task=phase.task.parsed())


def read_scored(
    phase: Phase, *, version: Version | None = None, submissions: Iterable[Submission] | None = None
) -> Scored:
    """What stands on a phase's board, with its scores; three queries.

    version, submissions: what would stand there if these were the phase's own (see `read_board`).
    """
    version = version or current_version(phase)
    task = version.task
    cases = read_cases(version.dataset_id, task=task)
    rules = rules_of(task, cases=cases)
    entries, left_out = read_board(phase=phase, version=version, rules=rules, submissions=submissions)
    return Scored(
        task=task, cases=cases, rules=rules, entries=entries, left_out=left_out, numbered=phase.task.baselines_ranked
    )


def read_cases(dataset: int, *, task: TaskSpec) -> Cases:
    """The cases of a dataset version in their order; strata as the task names them."""
    rows = list(Case.objects.filter(dataset=dataset).order_by("index").values_list("strata", "unit", "shape", "affine"))
    strata = [strata for strata, *_ in rows]
    order = {name: list(spec.values) for name, spec in task.strata.items()}
    diagonals = [diagonal_of(affine, shape=shape) for *_, shape, affine in rows if affine is not None]
    return Cases(
        strata=strata,
        units=[unit for _, unit, *_ in rows],
        keys=stratum_keys(strata, order=order),
        diagonals=diagonals if len(diagonals) == len(rows) else None,
    )


def rules_of(task: TaskSpec, *, cases: Cases) -> Rules:
    """How a task compares."""
    ranked = [ranked_metric(use, task=task, diagonals=cases.diagonals) for use in task.metrics if use.ranks]
    own = [{name: value for name, value in case.items() if name in task.strata} for case in cases.strata]
    return Rules(
        metrics=ranked,
        cells=cells_of(own, weighting=task.ranking.strata),
        units=cases.units,
        rule=task.ranking.rule,
        ties=task.ranking.ties,
    )


def ranked_metric(use: MetricUse, *, task: TaskSpec, diagonals: Sequence[float] | None) -> RankedMetric:
    """What ranking must know of a column. diagonals: mm, of each case's image, for a metric of distances.

    Raises ValueError where a missing case has no value, which no applied file allows.
    """
    spec = catalogue().metrics[use.metric]
    if diagonals is not None and task.ranking.needs_diagonals(use.key, spec=spec):
        return RankedMetric(key=use.key, better=spec.better, worst=diagonals)
    return RankedMetric(key=use.key, better=spec.better, worst=task.ranking.fill(use.key, spec=spec))
