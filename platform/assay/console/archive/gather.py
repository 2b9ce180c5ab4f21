"""Everything that goes into an archive: what anybody may read on the site, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.selectors import all_phases
from assay.challenges.words import phase_sentence
from assay.console.errors import ChallengeUnfinished
from assay.console.models import News, Page
from assay.console.reading import news_of, pages_of
from assay.datasets.models import Case, Dataset, Picture
from assay.leaderboards.models import Snapshot
from assay.leaderboards.scoring_words import Explained, explain
from assay.leaderboards.snapshots import snapshots_of
from assay.submissions.models import Submission
from evaluators.contract.boards import SnapshotOut
from evaluators.contract.tasks import TaskSpec

#: an address that somebody wrote into a free text
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, kw_only=True)
class Board:
    """One published board."""

    phase: Phase
    name: str
    sha256: str
    told: SnapshotOut
    #: of its page in the archive
    file: str


@dataclass(frozen=True, kw_only=True)
class TaskPart:
    """A task: its phases with their state, its boards, how it is scored."""

    task: Task
    spec: TaskSpec
    explained: Explained
    phases: Sequence[tuple[Phase, str]]
    boards: Sequence[Board]


@dataclass(frozen=True, kw_only=True)
class Card:
    """The method card of an entry that stands on a published board."""

    submission: str
    method: str
    team: str
    baseline: bool
    answers: Mapping[str, str]
    #: of the image; empty for result files
    image: str


@dataclass(frozen=True, kw_only=True)
class DataPart:
    """What may be said of one dataset version."""

    name: str
    public: bool
    sha256: str
    cases: int
    units: int
    unit: str
    #: (property, value, cases)
    strata: Sequence[tuple[str, str, int]]
    used_by: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture of a public sample case."""

    title: str
    case: str
    dataset: str
    sha256: str

    @property
    def file(self) -> str:
        """In the archive."""
        return f"pictures/{self.sha256}.png"


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """All of it."""

    challenge: Challenge
    at: datetime
    licence: str
    organisers: Sequence[str]
    tasks: Sequence[TaskPart]
    cards: Sequence[Card]
    data: Sequence[DataPart]
    shots: Sequence[Shot]
    news: Sequence[News]
    pages: Sequence[Page]

    @property
    def boards(self) -> list[Board]:
        """Of every task, oldest first within a phase."""
        return [board for part in self.tasks for board in part.boards]


def gather(challenge: Challenge, *, now: datetime, licence: str = "", unfinished: bool = False) -> Gathered:
    """Read it. licence: of the data, in the organiser's words. unfinished: also while a phase is open or to come.

    Raises ChallengeUnfinished.
    """
    phases = list(all_phases().filter(task__challenge=challenge))
    going = [phase for phase in phases if phase.closes_at is None or now < phase.closes_at]
    if going and not unfinished:
        raise ChallengeUnfinished(f"{going[0].address}: {phase_sentence(going[0], now=now)}")
    tasks = [
        _task(task, phases=[one for one in phases if one.task_id == task.pk], now=now)
        for task in challenge.tasks.order_by("position")
    ]
    boards = [board for part in tasks for board in part.boards]
    return Gathered(
        challenge=challenge,
        at=now,
        licence=licence.strip(),
        organisers=list(challenge.organisers.order_by("username").values_list("username", flat=True)),
        tasks=tasks,
        cards=_cards(boards),
        data=_data(phases),
        shots=_shots(phases),
        news=list(news_of(challenge)),
        pages=pages_of(challenge),
    )


def without_addresses(words: str) -> str:
    """A free text without the e-mail addresses in it."""
    return _MAIL.sub("(address left out)", words)


def _task(task: Task, *, phases: Sequence[Phase], now: datetime) -> TaskPart:
    boards: list[Board] = []
    for phase in phases:
        names = [one.pk for one in snapshots_of(phase=phase, now=now)]
        for kept in Snapshot.objects.filter(pk__in=names).order_by("day", "number"):
            file = f"boards/{task.slug}-{phase.slug}-{kept.name}.html"
            boards.append(Board(phase=phase, name=kept.name, sha256=kept.sha256, told=kept.parsed(), file=file))
    spec = task.parsed()
    return TaskPart(
        task=task,
        spec=spec,
        explained=explain(spec),
        phases=[(phase, phase_sentence(phase, now=now)) for phase in phases],
        boards=boards,
    )


def _cards(boards: Sequence[Board]) -> list[Card]:
    codes = {row.submission for board in boards for row in board.told.board.rows}
    found = Submission.objects.filter(code__in=codes).select_related("team", "image").order_by("method", "code")
    return [
        Card(
            submission=one.code,
            method=one.method,
            team=one.team.name,
            baseline=one.is_baseline,
            answers={question: without_addresses(str(answer)) for question, answer in one.card.items()},
            image="" if one.image is None else one.image.config_digest,
        )
        for one in found
    ]


def _data(phases: Sequence[Phase]) -> list[DataPart]:
    used: dict[int, tuple[Dataset, list[str], TaskSpec]] = {}
    for phase in phases:
        for dataset, role in ((phase.ranked, "ranked"), (phase.sample, "sample")):
            if dataset is not None:
                entry = used.setdefault(dataset.pk, (dataset, [], phase.task.parsed()))
                entry[1].append(f"{phase.task.title} / {phase.title}, {role}")
    cases: dict[int, list[Any]] = {}
    for row in Case.objects.filter(dataset__in=used).values_list("dataset", "unit", "strata"):
        cases.setdefault(row[0], []).append(row)
    return [
        DataPart(
            name=str(dataset),
            public=dataset.is_public,
            sha256=dataset.sha256 or "",
            cases=len(rows := cases.get(pk, [])),
            units=len({unit for _, unit, _ in rows}),
            unit=spec.independent,
            strata=_strata([strata for *_, strata in rows], spec=spec),
            used_by=words,
        )
        for pk, (dataset, words, spec) in used.items()
    ]


def _strata(rows: Sequence[Mapping[str, str]], *, spec: TaskSpec) -> list[tuple[str, str, int]]:
    counts = Counter((name, str(value)) for row in rows for name, value in row.items())
    return [
        (stratum.title, title, counts[name, value])
        for name, stratum in spec.strata.items()
        for value, title in stratum.values.items()
        if counts[name, value]
    ]


def _shots(phases: Sequence[Phase]) -> list[Shot]:
    """Of public samples alone; hidden versions have no pictures."""
    samples = {phase.sample_id for phase in phases if phase.sample is not None and phase.sample.is_public}
    found = Picture.objects.filter(case__dataset__in=samples, case__dataset__is_public=True).select_related(
        "case__dataset"
    )
    return [
        Shot(
            title=" of ".join(word for word in (one.get_kind_display(), one.method) if word),
            case=one.case.label,
            dataset=str(one.case.dataset),
            sha256=one.sha256,
        )
        for one in found.order_by("case__dataset", "case__index", "method", "kind", "label")
    ]
