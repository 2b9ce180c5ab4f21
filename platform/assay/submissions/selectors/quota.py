"""The quota is read, not charged: what we broke, or what was cancelled before it ran, frees itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assay.accounts.models import Team
from assay.challenges.models import Phase
from assay.submissions.models import Submission
from evaluators.contract.states import EvaluationState


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a team has used of a phase in the current window. None allows any number."""

    used: int
    allowed: int | None
    attempts_used: int
    attempts_allowed: int | None
    #: day, week or phase
    window: str
    #: when the window ends; None: with the phase
    resets_at: datetime | None

    @property
    def left(self) -> int | None:
        """Entries that may still be made; None is any number. The cap on attempts counts too."""
        rests = [
            allowed - used
            for used, allowed in ((self.used, self.allowed), (self.attempts_used, self.attempts_allowed))
            if allowed is not None
        ]
        return max(0, min(rests)) if rests else None

    @property
    def spent(self) -> bool:
        """Whether the next entry is refused."""
        return self.left == 0


def quota(*, team: Team, phase: Phase, now: datetime) -> Quota:
    """Read the quota at `now`. Hold the team's row locked where the answer decides.

    used: entries in the window whose evaluation is live, scored, failed by the team, or cancelled after it ran.
    attempts: every entry in the window. Baselines and refunded entries count in neither. Days and weeks (from Monday) are those of UTC.
    """
    window = str(phase.quota.get("every", "phase"))
    since, until = _window(window, now=now)
    entries = Submission.objects.filter(phase=phase, team=team, is_baseline=False, refunded_at=None)
    if since is not None:
        entries = entries.filter(received_at__gte=since)
    rows = entries.values_list("evaluation__state", "evaluation__started_at", "withdrawn_at")
    used = attempts = 0
    for state, started_at, withdrawn_at in rows:
        attempts += 1
        used += _counts(EvaluationState(state), started_at=started_at, withdrawn_at=withdrawn_at)
    return Quota(
        used=used,
        allowed=phase.quota.get("submissions"),
        attempts_used=attempts,
        attempts_allowed=phase.quota.get("attempts"),
        window=window,
        resets_at=until,
    )


def counts(submission: Submission) -> bool:
    """Whether an entry uses up one of its team's submissions, as long as its window lasts."""
    if submission.is_baseline or submission.refunded_at is not None:
        return False
    evaluation = submission.evaluation
    return _counts(
        EvaluationState(evaluation.state), started_at=evaluation.started_at, withdrawn_at=submission.withdrawn_at
    )


def _counts(state: EvaluationState, *, started_at: datetime | None, withdrawn_at: datetime | None) -> bool:
    if state is EvaluationState.PLATFORM_ERROR:
        return False
    if state is EvaluationState.CANCELLED:
        return started_at is not None
    # taken back while another entry still wanted the same evaluation
    return withdrawn_at is None or (started_at is not None and started_at <= withdrawn_at)


def _window(every: str, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match every:
        case "day":
            return midnight, midnight + timedelta(days=1)
        case "week":
            monday = midnight - timedelta(days=midnight.weekday())
            return monday, monday + timedelta(weeks=1)
        case "phase":
            return None, None
    raise ValueError(f"quota every {every!r}")
