"""From the challenge file to what shall stand in the database, checked against everything but the database."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from pydantic import ValidationError

from assay.challenges.case_show import read_case_show
from assay.challenges.columns import Columns
from assay.challenges.dates import AT_ONCE, parse_moment, parse_zone
from assay.challenges.explain import did_you_mean, problems_of, quoted
from assay.challenges.marked_yaml import Document, Path, YamlProblem, load
from assay.challenges.problems import FileFaults, Problem
from assay.challenges.repeats import repeat_problems
from assay.challenges.schema import ChallengeFile, PhaseFile, TaskFile
from assay.challenges.speed import speed_problems
from evaluators.contract.cards import field_keys, is_field
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import check_relative_path
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import SAME, Catalogue, KindOffer, MetricUse, RankingRule, RunMode, TaskSpec

#: pages beside the tasks of a challenge (/c/<challenge>/<word>)
_TAKEN = frozenset({"console", "news", "pages"})


@dataclass(frozen=True, kw_only=True)
class PhasePlan:
    """A phase with its dates in UTC and all its limits."""

    slug: str
    title: str
    opens_at: datetime | None
    closes_at: datetime | None
    ranked: str
    sample: str | None
    limits: Limits
    quota: dict[str, int | str]
    counts: str
    scores_from: datetime | None
    board_from: datetime | None
    #: public | given-out; empty: containers alone
    predictions: str
    #: {team | public: {sight, from}}, see `case_show.py`; who is not told sees what the data allow
    case_show: dict[str, dict[str, str | None]]
    #: where it stands in the file
    path: Path


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """A task with every option of its metrics spelt out."""

    slug: str
    title: str
    spec: TaskSpec
    baselines_ranked: bool
    baseline_methods: tuple[str, ...]
    #: fields of the method card that no entry may leave out
    card_required: tuple[str, ...]
    phases: tuple[PhasePlan, ...]
    path: Path


@dataclass(frozen=True, kw_only=True)
class ChallengePlan:
    """A whole file that can be applied, and where its parts stand."""

    slug: str
    title: str
    summary: str
    organisers: tuple[str, ...]
    tasks: tuple[TaskPlan, ...]
    document: Document


def read_plan(text: str) -> ChallengePlan:
    """Parse and check a challenge file. Raises FileFaults naming every mistake with line, column and fix."""
    try:
        document = load(text)
    except YamlProblem as problem:
        raise FileFaults([Problem(at=problem.at, message=problem.message, fix=problem.fix)]) from problem
    try:
        file = ChallengeFile.model_validate(document.data)
    except ValidationError as error:
        raise FileFaults(problems_of(error, model=ChallengeFile, document=document)) from error
    planner = _Planner(file=file, document=document, catalogue=catalogue())
    plan = planner.plan()
    if planner.problems:
        raise FileFaults(planner.problems)
    return plan


class _Planner:
    """Collects problems instead of stopping at the first, so that one run tells them all."""

    def __init__(self, *, file: ChallengeFile, document: Document, catalogue: Catalogue) -> None:
        self.file = file
        self.document = document
        self.catalogue = catalogue
        self.problems: list[Problem] = []
        self.zone: tzinfo = UTC

    def refuse(self, path: Path, message: str, fix: str = "") -> None:
        """Note one problem."""
        self.problems.append(Problem(at=self.document.place(path), message=message, fix=fix))

    def plan(self) -> ChallengePlan:
        """The plan; worth nothing if problems were noted."""
        file = self.file
        try:
            self.zone = parse_zone(file.timezone)
        except ValueError as error:
            self.refuse(("timezone",), str(error))
        self._once([task.task for task in file.tasks], path=("tasks",), key="task")
        for number, task in enumerate(file.tasks):
            if task.task in _TAKEN:
                message = f"{quoted(task.task)} is the address of a page of every challenge"
                self.refuse(("tasks", number, "task"), message, "give the task another address")
        return ChallengePlan(
            slug=file.challenge,
            title=file.title,
            summary=file.summary,
            organisers=file.organisers,
            tasks=tuple(plan for number, task in enumerate(file.tasks) for plan in self._task(number, task)),
            document=self.document,
        )

    def _task(self, number: int, task: TaskFile) -> Iterator[TaskPlan]:
        path: Path = ("tasks", number)
        offer = self.catalogue.kinds.get(task.kind)
        if offer is None:
            self._unknown(path, "kind", task.kind, among=self.catalogue.kinds)
            return
        self._check_words(path, task, offer)
        columns = Columns(offer=offer, output=task.output, specs=self.catalogue.metrics, document=self.document)
        metrics = [columns.settle((*path, "metrics", place), use) for place, use in enumerate(task.metrics)]
        if task.output.shape == "ranked":
            for problem in dict.fromkeys(filter(None, map(offer.ranked_problem, metrics))):
                self.refuse((*path, "output", "shape"), problem, "write `shape: as-reference`, or take the column out")
        columns.check_missing((*path, "ranking", "missing"), task.ranking, metrics=metrics)
        self.problems += columns.problems
        self.problems += repeat_problems(path, task, document=self.document)
        self.problems += speed_problems(path, task, specs=self.catalogue.metrics, document=self.document)
        phases = tuple(self._phase((*path, "phases", place), phase, number) for place, phase in enumerate(task.phases))
        self._once([phase.phase for phase in task.phases], path=(*path, "phases"), key="phase")
        self._check_overlap(phases)
        self._check_case_time(task.mode, phases=phases)
        self._check_predictions(task.ranking.rule, phases=phases)
        if self._same_keys(path, metrics):
            return
        try:
            spec = TaskSpec(
                kind=task.kind, mode=task.mode, layout=task.layout, input=task.input, output=task.output, case=task.case,
                independent=task.independent, strata=task.strata, metrics=tuple(metrics), ranking=task.ranking,
            )  # fmt: skip
        except ValidationError as error:
            for found in error.errors():
                self.refuse((*path, "metrics"), str(found.get("ctx", {}).get("error", found["msg"])))
            return
        yield TaskPlan(
            slug=task.task,
            title=task.title,
            spec=spec,
            baselines_ranked=task.baselines.ranked,
            baseline_methods=task.baselines.methods,
            card_required=task.card.required,
            phases=phases,
            path=path,
        )

    def _same_keys(self, path: Path, metrics: Sequence[MetricUse]) -> bool:
        """Whether two columns have one key, such as `region: full` beside a cropped one without a name of its own."""
        keys = [use.key for use in metrics]
        twice = [place for place, key in enumerate(keys) if key in keys[:place]]
        for place in twice:
            first = self.document.place((*path, "metrics", keys.index(keys[place])))
            message = f"a second column with the key {quoted(keys[place])}, the first stands in line {first.line}"
            self.refuse((*path, "metrics", place), message, f"give it another name with `as: {keys[place]}_2`")
        return bool(twice)

    def _check_words(self, path: Path, task: TaskFile, offer: KindOffer) -> None:
        if task.mode not in offer.modes:
            self._unknown(path, "mode", task.mode, among=offer.modes)
        if task.layout not in offer.layouts:
            self._unknown(path, "layout", task.layout, among=offer.layouts)
        for place, name in enumerate(task.output.formats):
            if name not in offer.formats:
                self.refuse(
                    (*path, "output", "formats", place),
                    f"unknown format {quoted(name)}",
                    did_you_mean(name, among=offer.formats),
                )
        if offer.labels != bool(task.output.classes):
            if offer.labels:
                fix = "write `classes: {1: tumour, …}` and dtype uint8"
                self.refuse((*path, "output"), f"{task.kind} writes label maps, and no class is named", fix)
            else:
                at = (*path, "output", "classes")
                self.refuse(at, f"{task.kind} writes no label maps", "take `classes` out, or change the kind")
        for place, name in enumerate(task.card.required):
            if not is_field(name):
                fix = did_you_mean(name, among=field_keys())
                self.refuse((*path, "card", "required", place), f"a method card has no field {quoted(name)}", fix)
        if task.independent not in task.case:
            self._unknown(path, "independent", task.independent, among=task.case)
        self._check_template(path, task)

    def _check_template(self, path: Path, task: TaskFile) -> None:
        at = (*path, "input")
        names = self._placeholders(at, task.input, what="input")
        if names is None:
            return
        for part in task.case:
            if part not in names:
                self.refuse(
                    at, f'input has no placeholder for "{part}", a part of the case', f"write {{{part}}} into it"
                )
        if task.output.path == SAME:
            return
        at = (*path, "output", "path")
        wanted = self._placeholders(at, task.output.path, what="output.path")
        for name in wanted or ():
            if name not in names:
                self.refuse(at, f"input has no placeholder {quoted(name)}", did_you_mean(name, among=names))
        for part in task.case:
            if wanted is not None and part not in wanted:
                message = f'output.path has no placeholder for "{part}": two cases would be written to one file'
                self.refuse(at, message, f"write {{{part}}} into it, or `path: {SAME}`")

    def _placeholders(self, at: Path, template: str, *, what: str) -> list[str] | None:
        """None for one that cannot be read."""
        try:
            parts = list(string.Formatter().parse(template))
            check_relative_path(template)
        except ValueError as error:
            if "plain relative" in str(error):
                self.refuse(at, f"{what} {error}", "write a path below the folder, like a/{subject}/b.mat")
            else:
                self.refuse(at, f"{what} has an open brace", "write placeholders like {subject} or {af:02d}")
            return None
        for _, name, width, conversion in parts:
            if name is not None and (not name.isidentifier() or conversion or (width and width not in {"02d", "03d"})):
                self.refuse(at, f"placeholder {quoted(name)} cannot be filled", "write it like {subject} or {af:02d}")
        return [name for _, name, _, _ in parts if name is not None]

    def _phase(self, path: Path, phase: PhaseFile, task: int) -> PhasePlan:
        opens_at = self._moment((*path, "open", "from"), phase.open.begins)
        closes_at = self._moment((*path, "open", "until"), phase.open.until, end=True)
        if opens_at is not None and closes_at is not None and closes_at <= opens_at:
            self.refuse((*path, "open", "until"), "the phase would close before it opens", "write a later `until`")
        return PhasePlan(
            slug=phase.phase,
            title=phase.title or phase.phase.replace("-", " ").capitalize(),
            opens_at=opens_at,
            closes_at=closes_at,
            ranked=phase.data.ranked,
            sample=phase.data.sample,
            limits=self._limits(path, task),
            quota={
                "submissions": phase.quota.submissions,
                "every": phase.quota.every,
                "attempts": phase.quota.attempts,
            },
            counts=phase.counts,
            scores_from=self._moment((*path, "show", "team", "scores"), phase.show.team.scores),
            board_from=self._moment((*path, "show", "public", "board"), phase.show.public.board),
            predictions=phase.predictions or "",
            case_show=self._case_show(path, phase),
            path=path,
        )

    def _case_show(self, path: Path, phase: PhaseFile) -> dict[str, dict[str, str | None]]:
        found = {}
        for who, written in (("team", phase.show.team.cases), ("public", phase.show.public.cases)):
            if written is None:
                continue
            at = (*path, "show", who, "cases")
            try:
                found[who] = read_case_show(written, zone=self.zone)
            except ValueError as error:
                self.refuse(at, str(error), "write never, distribution, table, or {table: 2026-10-01}")
        return found

    def _limits(self, path: Path, task: int) -> Limits:
        """The task's limits with the phase's own on top. A class of GPU workers brings one GPU unless `gpus` is given."""
        tasks: list[dict[str, Any]] = self.document.data["tasks"]
        own = tasks[task]["phases"][path[-1]].get("limits") or {}
        written = {**tasks[task]["limits"], **own}
        if str(written.get("hardware", "")).startswith("gpu"):
            written.setdefault("gpus", 1)
        return Limits.model_validate(written)

    def _check_case_time(self, mode: RunMode, *, phases: Sequence[PhasePlan]) -> None:
        for phase in phases:
            given, at = phase.limits.case_time, (*phase.path[:2], "limits")
            if mode is RunMode.PER_CASE and given is None:
                self.refuse(at, f'the limits of "{phase.slug}" give no time to a single case', "write `case_time: 60s`")
            elif mode is RunMode.PER_CASE and given is not None and given > phase.limits.time:
                self.refuse(at, f"case_time of {given} s is longer than time, {phase.limits.time} s", "lower it")
            elif mode is not RunMode.PER_CASE and given is not None:
                fix = "take it out, or write `mode: per_case`"
                self.refuse(at, f"case_time is a limit of per_case mode alone; this task runs in {mode} mode", fix)

    def _check_predictions(self, rule: RankingRule, *, phases: Sequence[PhasePlan]) -> None:
        for phase in phases:
            if phase.predictions and rule is RankingRule.SPEED:
                message = "rule speed ranks by seconds, and result files have none"
                self.refuse((*phase.path, "predictions"), message, "take `predictions` out, or choose another rule")

    def _moment(self, path: Path, text: str | None, *, end: bool = False) -> datetime | None:
        if text is None or text == AT_ONCE:
            return None
        try:
            return parse_moment(text, zone=self.zone, end=end)
        except ValueError as error:
            self.refuse(path, str(error))
            return None

    def _check_overlap(self, phases: Sequence[PhasePlan]) -> None:
        for number, phase in enumerate(phases):
            for earlier in phases[:number]:
                apart = (
                    earlier.closes_at is not None and phase.opens_at is not None and earlier.closes_at <= phase.opens_at
                ) or (
                    phase.closes_at is not None and earlier.opens_at is not None and phase.closes_at <= earlier.opens_at
                )
                if not apart:
                    message = f'"{phase.slug}" is open while "{earlier.slug}" of the same task is'
                    self.refuse((*phase.path, "open"), message, "close one before the other opens")

    def _once(self, slugs: Sequence[str], *, path: Path, key: str) -> None:
        counted = Counter(slugs)
        for place, slug in enumerate(slugs):
            if counted[slug] > 1 and slug in slugs[:place]:
                self.refuse((*path, place, key), f"two {key}s are called {quoted(slug)}", "give one another address")

    def _unknown(self, path: Path, key: str, value: str, *, among: Any) -> None:
        self.refuse((*path, key), f"unknown {key} {quoted(value)}", did_you_mean(value, among=among))
