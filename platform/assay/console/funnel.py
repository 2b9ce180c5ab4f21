"""The funnel of a challenge: how far each team has come, and where those that gave up did so."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from assay.accounts.models import Team
from assay.challenges.models import Challenge
from assay.images.models import Image, ImageState
from assay.leaderboards.exports import safe_text
from assay.submissions.models import Submission
from evaluators.contract.states import LIVE, EvaluationState

_LIVE = {state.value for state in LIVE}


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """One team, as far as it has come."""

    slug: str
    name: str
    images: int
    entries: int
    scored: int
    live: int
    failed: int
    #: of the newest entry that failed, ours included; empty where none did
    last_code: str
    last_at: datetime | None

    @property
    def stage(self) -> str:
        """The furthest step that was reached."""
        if self.scored:
            return "scored"
        if self.live:
            return "under way"
        if self.entries:
            return "failed"
        return "image ready" if self.images else "registered"

    @property
    def dropped(self) -> str:
        """The code at which a team without a score stands now; empty: it has one, or has not ended."""
        return self.last_code if self.stage == "failed" else ""


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Teams that entered, or have an image here; and how many reached each step."""

    registered: int
    rows: Sequence[TeamRow]

    def _count(self, *, images: bool = False, entries: bool = False, scored: bool = False) -> int:
        return sum(
            (not images or bool(row.images or row.entries))
            and (not entries or row.entries > 0)
            and (not scored or row.scored > 0)
            for row in self.rows
        )

    @property
    def steps(self) -> list[tuple[str, int]]:
        """(step, teams that reached it), widest first."""
        return [
            ("registered", self.registered),
            ("image ready", self._count(images=True)),
            ("submitted", self._count(entries=True)),
            ("scored", self._count(scored=True)),
        ]

    @property
    def drop_outs(self) -> list[tuple[str, int]]:
        """(code, teams whose entries all failed and whose last one did so), most frequent first."""
        return Counter(row.dropped for row in self.rows if row.dropped).most_common()


def funnel_of(challenge: Challenge) -> Funnel:
    """Three queries, however many teams there are. Baselines are nobody's way through."""
    entries: dict[int, list[dict[str, Any]]] = {}
    rows = Submission.objects.filter(phase__task__challenge=challenge, is_baseline=False).order_by("received_at", "pk")
    for row in rows.values(
        "team", "team__slug", "team__name", "evaluation__state", "evaluation__failure", "received_at"
    ):
        entries.setdefault(row["team"], []).append(dict(row))
    images = dict(
        Image.objects.filter(state=ImageState.READY).order_by().values_list("team").annotate(count=Count("pk"))
    )
    baselines = Q(submissions__is_baseline=True) & ~Q(submissions__is_baseline=False)
    teams = Team.objects.exclude(baselines).distinct().values_list("pk", "slug", "name")
    known = {pk: (slug, name) for pk, slug, name in teams}
    for pk, own in entries.items():
        known.setdefault(pk, (own[0]["team__slug"], own[0]["team__name"]))
    told = [
        _row(slug, name, images=images.get(pk, 0), entries=entries.get(pk, []))
        for pk, (slug, name) in known.items()
        if pk in entries or pk in images
    ]
    order = ("failed", "under way", "image ready", "scored", "registered")
    return Funnel(registered=len(known), rows=sorted(told, key=lambda row: (order.index(row.stage), row.slug)))


def funnel_csv(funnel: Funnel) -> str:
    """One line a team."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["team", "name", "stage", "images", "entries", "scored", "under_way", "failed", "last_failure", "last_entry"]
    )
    for row in funnel.rows:
        last = "" if row.last_at is None else row.last_at.isoformat()
        writer.writerow(
            [
                row.slug,
                safe_text(row.name),
                row.stage,
                row.images,
                row.entries,
                row.scored,
                row.live,
                row.failed,
                row.last_code,
                last,
            ]
        )
    return text.getvalue()


def _row(slug: str, name: str, *, images: int, entries: Sequence[dict[str, Any]]) -> TeamRow:
    states = [entry["evaluation__state"] for entry in entries]
    codes = [entry["evaluation__failure"]["code"] for entry in entries if entry["evaluation__failure"]]
    return TeamRow(
        slug=slug,
        name=name,
        images=images,
        entries=len(entries),
        scored=states.count(EvaluationState.SCORED.value),
        live=sum(state in _LIVE for state in states),
        failed=sum(state in {EvaluationState.FAILED.value, EvaluationState.PLATFORM_ERROR.value} for state in states),
        last_code=codes[-1] if codes else "",
        last_at=entries[-1]["received_at"] if entries else None,
    )
