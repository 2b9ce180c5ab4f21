"""A phase in the API's form: here, and not in challenges, because it tells a team what is left of its quota."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from assay.accounts.models import Team
from assay.challenges.models import Phase
from assay.challenges.words import phase_sentence
from assay.config.site import absolute
from assay.datasets.selectors import first_inputs
from assay.submissions.errors import PredictionsNotTaken
from assay.submissions.selectors.quota import quota
from evaluators.contract.api import PhaseOut, PredictionsListing, PredictionsOffer
from evaluators.contract.catalogue import catalogue
from evaluators.contract.docker_line import printed_line
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import SAME, RunMode, TaskSpec


def describe_phase(phase: Phase, *, team: Team | None, now: datetime) -> PhaseOut:
    """One phase with its task; `used`, `left` and `resets_at` of the quota are told for a team."""
    described = describe_phases([phase], team=team, now=now)[0]
    return described.model_copy(update={"task": phase.task.parsed()})


def describe_phases(phases: Iterable[Phase], *, team: Team | None, now: datetime) -> list[PhaseOut]:
    """Many phases, in their order. One query for all case counts, and one a phase for the quota of a team."""
    listed = list(phases)
    counted = Phase.objects.filter(pk__in=[phase.pk for phase in listed]).order_by().annotate(n=Count("ranked__cases"))
    cases: dict[int, int] = dict(counted.values_list("pk", "n"))
    return [_message(phase, cases=cases[phase.pk], team=team, now=now) for phase in listed]


def list_predictions(phase: Phase) -> PredictionsListing:
    """Every path that an archive of result files may have. Raises PredictionsNotTaken."""
    if not phase.predictions:
        raise PredictionsNotTaken
    task = phase.task.parsed()
    return PredictionsListing(paths=[task.answer(first) for first in first_inputs(phase.ranked)])


def _offer(phase: Phase, *, task: TaskSpec, limits: Limits) -> PredictionsOffer | None:
    if not phase.predictions:
        return None
    output = task.output
    return PredictionsOffer(
        inputs="public" if phase.predictions == "public" else "given-out",
        path=task.input if output.path == SAME else output.path,
        formats=list(output.formats),
        variable=output.variable,
        axes=output.axes,
        shape=output.shape,
        part=catalogue().kinds[task.kind].ranked_part() if output.shape == "ranked" else "",
        max_bytes=limits.output,
        max_files=limits.output_files,
        listing=absolute(f"/api/v1/phases/{phase.address}/predictions"),
    )


def _message(phase: Phase, *, cases: int, team: Team | None, now: datetime) -> PhaseOut:
    limits = phase.parsed_limits()
    task = phase.task.parsed()
    told: dict[str, int | str | None] = {
        "submissions": phase.quota.get("submissions"),
        "every": phase.quota.get("every", "phase"),
        "attempts": phase.quota.get("attempts"),
    }
    if team is not None:
        read = quota(team=team, phase=phase, now=now)
        resets_at = None if read.resets_at is None else read.resets_at.isoformat()
        told.update({"used": read.used, "left": read.left, "resets_at": resets_at})
    return PhaseOut(
        address=phase.address,
        title=phase.title,
        is_open=phase.is_open(now),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        state=phase_sentence(phase, now=now),
        cases=cases,
        ranked=str(phase.ranked),
        sample=str(phase.sample) if phase.sample is not None and phase.sample.is_public else None,
        limits=limits,
        docker_line=printed_line(limits=limits, interactive=task.mode is RunMode.PER_CASE),
        quota=told,
        url=absolute(f"/c/{phase.address}"),
        predictions=_offer(phase, task=task, limits=limits),
        card_required=phase.task.card_required,
    )
