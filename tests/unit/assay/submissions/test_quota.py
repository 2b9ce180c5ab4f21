"""The quota is read, not charged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from assay.accounts.models import Membership, Role
from assay.evaluations import services as evaluations
from assay.submissions import selectors, services
from assay.submissions.errors import QuotaSpent
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    NOW,
    Scene,
    claim,
    evaluation_of,
    finish,
    make_image,
    report,
    start_scoring,
)
from tests.unit.assay.submissions.test_submit import enter

S = EvaluationState


def _read(scene: Scene, *, now: datetime = NOW) -> tuple[int, int]:
    read = selectors.quota(team=scene.team, phase=scene.phase, now=now)
    return read.used, read.attempts_used


def _bring_to(scene: Scene, state: str) -> None:
    """Carry the one entry to a state."""
    submission = enter(scene).submission
    if state in {"queued", "cancelled while it waited"}:
        if state != "queued":
            services.cancel(actor=scene.captain, submission=submission, now=NOW)
        return
    job = claim(scene)
    if state == "broken by us":
        for _ in range(2):
            finish(scene, job, failure={"code": "ENGINE"})
            job = claim(scene)
        finish(scene, job, failure={"code": "ENGINE"})
        return
    if state == "broken by us once":
        finish(scene, job, failure={"code": "ENGINE"})
        return
    if state == "cancelled while it was prepared":
        services.cancel(actor=scene.captain, submission=submission, now=NOW)
        finish(scene, job, cancelled=True)
        return
    if state == "refused as an image":
        finish(scene, job, failure={"code": "IMAGE_PULL"})
        return
    start_scoring(scene, job)
    if state == "failed":
        finish(scene, job, failure={"code": "NO_OUTPUT"})
    elif state == "scored":
        report(scene, job, dict.fromkeys(range(12), "MISSING_FILE"))
        finish(scene, job)
        assert evaluation_of(job).state == S.SCORED
    elif state == "cancelled while it ran":
        services.cancel(actor=scene.captain, submission=submission, now=NOW)
        finish(scene, job, cancelled=True)
    elif state == "broken by us, then cancelled in the queue":
        finish(scene, job, failure={"code": "SCORER"})
        services.cancel(actor=scene.captain, submission=submission, now=NOW)


@pytest.mark.parametrize(
    ("state", "used"),
    [
        ("queued", 1),
        ("running", 1),
        ("scored", 1),
        ("failed", 1),
        ("refused as an image", 1),
        ("cancelled while it ran", 1),
        ("broken by us once", 1),
        ("broken by us", 0),
        ("cancelled while it waited", 0),
        ("cancelled while it was prepared", 0),
        ("broken by us, then cancelled in the queue", 0),
    ],
)
def test_what_counts_and_what_frees_itself(scene: Scene, state: str, used: int) -> None:
    _bring_to(scene, state)
    assert _read(scene) == (used, 1)


def test_the_second_cap_counts_every_attempt(scene: Scene) -> None:
    for _ in range(6):
        services.cancel(actor=scene.captain, submission=enter(scene).submission, now=NOW)
    assert _read(scene) == (0, 6)
    with pytest.raises(QuotaSpent, match=r"6 of 6 attempts used today\."):
        enter(scene)


def test_baselines_are_outside_the_quota(scene: Scene) -> None:
    Membership.objects.create(user=scene.organiser, team=scene.team, role=Role.MEMBER, since=NOW)
    enter(scene, actor=scene.organiser, baseline=True)
    assert _read(scene) == (0, 0)


def test_another_team_and_another_phase_have_quotas_of_their_own(scene: Scene) -> None:
    enter(scene)
    read = selectors.quota(team=scene.other_team, phase=scene.phase, now=NOW)
    assert (read.used, read.left) == (0, 3)


@pytest.mark.parametrize(
    ("every", "earlier", "used", "resets_at"),
    [
        ("day", timedelta(hours=12), 1, datetime(2026, 6, 16, tzinfo=UTC)),
        ("day", timedelta(hours=12, seconds=1), 0, datetime(2026, 6, 16, tzinfo=UTC)),
        ("week", timedelta(hours=12), 1, datetime(2026, 6, 22, tzinfo=UTC)),
        ("week", timedelta(hours=12, seconds=1), 0, datetime(2026, 6, 22, tzinfo=UTC)),
        ("phase", timedelta(days=9), 1, None),
    ],
)
def test_days_and_weeks_begin_at_midnight_utc(
    scene: Scene, every: str, earlier: timedelta, used: int, resets_at: datetime | None
) -> None:
    # NOW is a Monday at noon
    scene.phase.quota = {"submissions": 3, "every": every}
    scene.phase.save()
    enter(scene, now=NOW - earlier)
    abroad = NOW.astimezone(timezone(timedelta(hours=9)))
    read = selectors.quota(team=scene.team, phase=scene.phase, now=abroad)
    assert (read.used, read.left, read.resets_at, read.attempts_allowed) == (used, 3 - used, resets_at, None)


def test_without_numbers_a_phase_takes_any_number(scene: Scene) -> None:
    scene.phase.quota = {}
    scene.phase.save()
    for number in range(8):
        enter(scene, config_digest=make_image(scene.team, f"image {number}").config_digest)
    read = selectors.quota(team=scene.team, phase=scene.phase, now=NOW)
    assert (read.used, read.left, read.spent) == (8, None, False)


def test_an_entry_taken_back_before_a_shared_run_began_is_free(scene: Scene, settings: Any) -> None:
    from tests.unit.assay.evaluations.scene import make_phase

    twin = make_phase(scene.phase.task, "twin", dataset=scene.dataset, position=1)
    first = enter(scene).submission
    enter(scene, phase=twin)
    services.cancel(actor=scene.captain, submission=first, now=NOW - timedelta(seconds=1))
    start_scoring(scene, claim(scene))
    assert _read(scene) == (0, 1)
    assert selectors.quota(team=scene.team, phase=twin, now=NOW).used == 1
    evaluations.sweep(now=NOW + timedelta(seconds=settings.LEASE_SECONDS + 1))
    assert _read(scene) == (0, 1)
