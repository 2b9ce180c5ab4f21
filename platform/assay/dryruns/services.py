"""Asks for a dry run. The only writer of dry runs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from assay.accounts.models import Team, User
from assay.audit.services import record
from assay.challenges.models import Phase
from assay.challenges.selectors import check_organiser
from assay.dryruns.errors import DryRunGoesOn
from assay.dryruns.models import DryRun
from assay.dryruns.selectors import latest
from assay.evaluations import services as evaluations
from assay.evaluations.models import Evaluation, Purpose
from assay.evaluations.services.request import run_spec_of
from evaluators.contract.jobs import Rehearsal
from evaluators.contract.states import FINAL, EvaluationState

#: a name that nobody can give to a team: fair share counts dry runs together, and no board knows it
_HOUSE = "_dry-runs"


@transaction.atomic
def begin(*, actor: User, phase: Phase, now: datetime) -> DryRun:
    """Queue a perfect, an empty and a broken answer on the phase's ranked data, open or not. They count nowhere.

    Raises NotYourChallenge, DryRunGoesOn.
    """
    check_organiser(user=actor, challenge=phase.task.challenge)
    Phase.objects.select_for_update().get(pk=phase.pk)  # two clicks at once are one dry run
    before = latest(phase)
    if before is not None and not all(EvaluationState(each.state) in FINAL for each in before.evaluations.values()):
        raise DryRunGoesOn
    house, _ = Team.objects.get_or_create(slug=_HOUSE, defaults={"name": "Dry runs", "created_at": now})
    task, limits = phase.task.parsed(), phase.parsed_limits()
    _, digest = run_spec_of(task=task, limits=limits)

    def ask(rehearsal: Rehearsal) -> Evaluation:
        asked = evaluations.request(
            team=house, rehearsal=rehearsal.value, dataset=phase.ranked, task=task, limits=limits,
            purpose=Purpose.DRY_RUN, again=True, now=now,
        )  # fmt: skip
        evaluations.announce(pk=asked.pk, now=now)
        return asked

    run = DryRun.objects.create(
        phase=phase,
        actor=actor,
        asked_at=now,
        dataset=str(phase.ranked),
        dataset_sha256=phase.ranked.sha256,
        run_spec_digest=digest,
        perfect=ask(Rehearsal.PERFECT),
        empty=ask(Rehearsal.EMPTY),
        broken=ask(Rehearsal.BROKEN),
    )
    record(
        tag="organiser:phase:dry-run", target=f"phase:{phase.address}", actor=actor, at=now,
        detail={"dataset": run.dataset, "dry_run": run.pk},
    )  # fmt: skip
    return run
