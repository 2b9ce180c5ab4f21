"""The console's first page: what needs somebody, the clock of phases, the funnel, the share of the queue, the checklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from assay.challenges.models import Challenge, Phase
from assay.challenges.selectors import all_phases
from assay.challenges.words import phase_sentence
from assay.config.text import plural
from assay.console.funnel import Funnel, funnel_of
from assay.console.models import Rescore
from assay.console.needs import Awaiting, Need, needs_of
from assay.console.selectors import all_rescores
from assay.datasets.models import DatasetState
from assay.evaluations.models import Evaluation
from evaluators.contract.states import LEASED, EvaluationState

_LEASED = [state.value for state in LEASED]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One step of the checklist of a challenge that nobody has entered yet."""

    text: str
    done: bool
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What this challenge has of everything that runs or waits on the site."""

    running: int
    queued: int
    all_running: int
    all_queued: int


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All that the page shows."""

    phases: Sequence[tuple[Phase, str, bool]]
    needs: Sequence[Need]
    awaiting: Sequence[Awaiting]
    funnel: Funnel
    share: Share
    rescores: Sequence[Rescore]
    ticks: Sequence[Tick]

    @property
    def entered(self) -> bool:
        """Whether any team has."""
        return any(row.entries for row in self.funnel.rows)

    @property
    def sentence(self) -> str:
        """The state of the challenge for its organisers."""
        opened = sum(is_open for *_, is_open in self.phases)
        first = f"{plural(len(self.needs), 'thing')} to look at." if self.needs else "Nothing needs you."
        return f"{first} {opened} of {len(self.phases)} phases open."

    def document(self) -> dict[str, Any]:
        """The JSON twin."""
        return {
            "sentence": self.sentence,
            "needs": [{"kind": need.kind, "text": need.text, "url": need.url} for need in self.needs],
            "phases": [
                {"address": phase.address, "state": sentence, "is_open": is_open} for phase, sentence, is_open in self.phases
            ],
            "funnel": {
                "steps": dict(self.funnel.steps),
                "drop_outs": dict(self.funnel.drop_outs),
                "teams": [
                    {
                        "team": row.slug, "name": row.name, "stage": row.stage, "images": row.images, "entries": row.entries,
                        "scored": row.scored, "under_way": row.live, "failed": row.failed, "last_failure": row.last_code,
                        "last_entry": row.last_at,
                    }
                    for row in self.funnel.rows
                ],
            },
            "queue": {
                "running": self.share.running, "queued": self.share.queued,
                "all_running": self.share.all_running, "all_queued": self.share.all_queued,
            },
            "checklist": [{"text": tick.text, "done": tick.done} for tick in self.ticks],
        }  # fmt: skip


def overview(challenge: Challenge, *, now: datetime) -> Overview:
    """Set-based: as many queries for two teams as for two thousand (pinned by a test)."""
    phases = list(all_phases().filter(task__challenge=challenge))
    needs, awaiting = needs_of(challenge, phases=phases, now=now)
    funnel = funnel_of(challenge)
    return Overview(
        phases=[(phase, phase_sentence(phase, now=now), phase.is_open(now)) for phase in phases],
        needs=needs,
        awaiting=awaiting,
        funnel=funnel,
        share=_share(challenge),
        rescores=list(all_rescores().filter(phase__task__challenge=challenge)[:20]),
        ticks=_ticks(challenge, phases=phases, funnel=funnel, now=now),
    )


def _share(challenge: Challenge) -> Share:
    own = Q(submissions__phase__task__challenge=challenge)
    running, queued = Q(state__in=_LEASED), Q(state=EvaluationState.QUEUED.value)
    counted = Evaluation.objects.filter(state__in=[*_LEASED, EvaluationState.QUEUED.value]).aggregate(
        running=Count("pk", filter=running & own, distinct=True),
        queued=Count("pk", filter=queued & own, distinct=True),
        all_running=Count("pk", filter=running, distinct=True),
        all_queued=Count("pk", filter=queued, distinct=True),
    )
    return Share(**counted)


def _ticks(challenge: Challenge, *, phases: Sequence[Phase], funnel: Funnel, now: datetime) -> list[Tick]:
    """Five steps from a file to the first score."""
    first = phases[0].address if phases else f"{challenge.slug}/task/phase"
    baseline = Evaluation.objects.filter(
        submissions__phase__in=phases, submissions__is_baseline=True, state=EvaluationState.SCORED.value
    ).exists()
    return [
        Tick(
            text="Upload the data, each version once; references are encrypted on your machine.",
            done=bool(phases) and all(phase.ranked.state == DatasetState.SEALED for phase in phases),
            command="assay dataset import LAYOUT PATH --name my-test --version 1",
        ),
        Tick(
            text="Apply the challenge file.",
            done=bool(phases),
            command=f"assay challenge apply {challenge.slug}.yaml",
        ),
        Tick(
            text="Let a baseline through the real door: what stops it would stop every team.",
            done=baseline,
            command=f"assay submit my-baseline --phase {first} --baseline --wait",
        ),
        Tick(
            text="Open a phase: its dates stand in the challenge file.",
            done=any(phase.opens_at is None or phase.opens_at <= now for phase in phases),
        ),
        Tick(
            text="Tell the teams, and see the first of them scored.",
            done=any(row.scored for row in funnel.rows),
            command=f"assay submit my-method --phase {first} --wait",
        ),
    ]
