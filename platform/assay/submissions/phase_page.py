"""What the phase page says beyond the phase itself: limits in words, what the team's last run used, quotas, who sees what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from assay.accounts.models import Team, User
from assay.accounts.selectors import teams_of
from assay.challenges.case_show import words_of_cases
from assay.challenges.models import Phase
from assay.config.text import duration, plain, size
from assay.submissions.models import Submission
from assay.submissions.selectors import Quota, quota, visible_submissions
from assay.submissions.selectors.message import rounded_memory, rounded_seconds
from evaluators.contract.limits import Limits, RunUser

#: how many of the team's own submissions a page lists
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class LimitRow:
    """One line of the limits table. `note` is why, or how it is counted."""

    name: str
    value: str
    last: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TeamQuota:
    """One of the viewer's teams in this phase."""

    team: Team
    quota: Quota

    @property
    def sentence(self) -> str:
        """Used, left, and when it comes back."""
        if self.quota.allowed is None:
            return f"{self.quota.used} used, no cap"
        sentence = f"{self.quota.used} of {self.quota.allowed} used, {self.quota.left} left"
        if self.quota.resets_at is not None:
            sentence += f", back at {self.quota.resets_at.astimezone(UTC):%-d %b %H:%M} UTC"
        return sentence


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Who sees what, and from when; None is at once."""

    who: str
    what: str
    since: datetime | None
    never: bool = False


def own_submissions(*, viewer: User, phase: Phase | None, now: datetime) -> Sequence[Submission]:
    """The latest of the viewer's own teams, in one phase or everywhere."""
    found = visible_submissions(viewer=viewer, now=now).filter(team__in=teams_of(viewer))
    if phase is not None:
        found = found.filter(phase=phase)
    return list(found[:SHOWN])


def team_quotas(*, viewer: User, phase: Phase, now: datetime) -> list[TeamQuota]:
    """One a team."""
    return [TeamQuota(team=team, quota=quota(team=team, phase=phase, now=now)) for team in teams_of(viewer)]


def limit_rows(phase: Phase, *, last: Submission | None) -> list[LimitRow]:
    """The limits that a container runs under. last: the team's latest submission here that has run."""
    limits = phase.parsed_limits()
    run = (last.evaluation.run if last else None) or {}
    hidden = not phase.ranked.is_public
    root = limits.user is RunUser.ROOT_WITHOUT_CAPABILITIES
    rows = [
        LimitRow(
            name="Wall time",
            value=duration(limits.time),
            last=_known(duration, rounded_seconds(run.get("seconds"), hidden=hidden)),
            note="of the whole run, all cases",
        ),
        *_case_time(limits),
        LimitRow(
            name="Memory",
            value=size(limits.memory),
            last=_known(size, rounded_memory(run.get("peak_memory"), hidden=hidden)),
            note="a peak includes /output, /tmp and shared memory where they lie in memory",
        ),
        LimitRow(name="Shared memory", value=size(limits.shm), last="", note="/dev/shm"),
        LimitRow(name="Temporary files", value=size(limits.tmp), last="", note="/tmp, in memory"),
        LimitRow(
            name="GPU", value=plain(limits.gpus) if limits.gpus else "none", last="", note=f"class {limits.hardware}"
        ),
        LimitRow(name="Processors", value=plain(limits.cpus), last=""),
        LimitRow(name="Processes", value=plain(limits.pids), last="", note="threads count"),
        LimitRow(
            name="Output",
            value=f"{size(limits.output)}, {limits.output_files:,} files",
            last=_known(size, None if hidden else run.get("output_bytes")),
            note="/output, files and folders",
        ),
        LimitRow(
            name="Image",
            value=size(limits.image),
            last=_known(size, last.image.archive_bytes if last and last.image else None),
            note="unpacked; the last column is the archive",
        ),
        LimitRow(
            name="User",
            value="root, without any capability" if root else f"uid {limits.uid}",
            last="",
            note="the root file system is read-only, the network is off",
        ),
    ]
    rows += [
        LimitRow(name="Writable path", value=path, last="", note="64 MiB, in memory") for path in limits.extra_tmpfs
    ]
    return rows


def sights(phase: Phase) -> list[Sight]:
    """Who sees what, from when."""
    told = [
        Sight(who="Your team", what="state, typed failures, counts of cases", since=None),
        Sight(who="Your team", what="scores", since=phase.scores_from),
        *_case_sight(phase, "team"),
        Sight(who="Everybody", what="board and method cards", since=phase.board_from),
        *_case_sight(phase, "public"),
    ]
    if not phase.ranked.is_public:
        told += [
            Sight(who="Everybody", what="hidden cases and references", since=None, never=True),
            Sight(who="Everybody", what="what the container printed", since=None, never=True),
        ]
    return told


def _case_sight(phase: Phase, who: Literal["team", "public"]) -> list[Sight]:
    """Where the phase's file says it."""
    if who not in phase.case_show:
        return []
    sight, since = words_of_cases(phase, who=who)
    what = "how scores are spread over cases" if sight == "distribution" else "scores of single cases"
    return [Sight(who="Your team" if who == "team" else "Everybody", what=what, since=since, never=sight == "never")]


def latest_run(submissions: Sequence[Submission]) -> Submission | None:
    """The newest one whose container was measured."""
    return next((one for one in submissions if one.evaluation.run and one.image is not None), None)


def _case_time(limits: Limits) -> list[LimitRow]:
    if limits.case_time is None:
        return []
    note = "from its question to its answer; the warm-up case has the whole run's"
    return [LimitRow(name="Time of one case", value=duration(limits.case_time), last="", note=note)]


def _known(write: Callable[[Any], str], value: float | None) -> str:
    return write(value) if value is not None else ""
