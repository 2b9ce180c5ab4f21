"""Who may see which submission and which scores, as one matrix: role x whose entry x what is published."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.accounts.models import User
from assay.submissions import selectors
from assay.submissions.errors import SubmissionUnknown
from assay.submissions.models import Submission
from tests.unit.assay.evaluations.scene import NOW, Scene, queue, score_all

SOON = NOW + timedelta(days=1)
ROLES = ("anonymous", "outsider", "member", "captain", "organiser", "superuser")
#: published -> (scores_from, board_from)
PUBLISHED = {
    "everything": (None, None),
    "scores to teams": (None, SOON),
    "nothing": (SOON, SOON),
    "the board": (SOON, None),
}
RUNNERS = ("organiser", "superuser")
OWN = ("member", "captain", *RUNNERS)


def _viewer(role: str) -> User | None:
    if role == "anonymous":
        return None
    if role == "superuser":
        return User.objects.create(username=role, email="root@assay.example", is_superuser=True)
    return User.objects.get(username=role)


def _entry(scene: Scene, *, baseline: bool = False, scored: bool = True) -> Submission:
    """An entry of the captain's team."""
    evaluation = queue(scene)
    if scored:
        score_all(scene)
        evaluation.refresh_from_db()
    return Submission.objects.create(
        code="4F7Q", phase=scene.phase, team=scene.team, user=scene.captain, image=scene.image, evaluation=evaluation,
        method="VarNet", is_baseline=baseline, received_at=NOW,
    )  # fmt: skip


def _seen(role: str) -> Submission | None:
    try:
        return selectors.submission_for(viewer=_viewer(role), code="4f7q", now=NOW)
    except SubmissionUnknown:
        return None


def _publish(scene: Scene, published: str) -> None:
    scene.phase.scores_from, scene.phase.board_from = PUBLISHED[published]
    scene.phase.save()


@pytest.mark.parametrize("published", PUBLISHED)
@pytest.mark.parametrize("role", ROLES)
def test_an_entry_is_seen_by_its_team_and_the_organisers_alone(scene: Scene, role: str, published: str) -> None:
    _publish(scene, published)
    entry = _entry(scene)
    assert (_seen(role) == entry) == (role in OWN)


@pytest.mark.parametrize("published", PUBLISHED)
@pytest.mark.parametrize("role", ROLES)
def test_a_scored_baseline_of_a_public_board_is_seen_by_everybody(scene: Scene, role: str, published: str) -> None:
    _publish(scene, published)
    entry = _entry(scene, baseline=True)
    assert (_seen(role) == entry) == (role in OWN or published in {"everything", "the board"})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("why", ["not scored", "withdrawn"])
def test_a_baseline_off_the_board_is_private_as_any_entry(scene: Scene, role: str, why: str) -> None:
    entry = _entry(scene, baseline=True, scored=why != "not scored")
    if why == "withdrawn":
        Submission.objects.update(withdrawn_at=NOW)
    assert (_seen(role) == entry) == (role in OWN)


@pytest.mark.parametrize("baseline", [False, True])
@pytest.mark.parametrize("published", PUBLISHED)
@pytest.mark.parametrize("role", ROLES)
def test_scores_are_told_to_whom_and_when_the_phase_says(
    scene: Scene, role: str, published: str, baseline: bool
) -> None:
    _publish(scene, published)
    entry = _entry(scene, baseline=baseline)
    told = selectors.scores_visible(submission=entry, viewer=_viewer(role), now=NOW)
    if role in RUNNERS:
        assert told
    elif role in OWN:
        assert told == (published != "nothing")
    else:
        assert told == (baseline and published in {"everything", "the board"})


def test_scores_appear_at_the_very_moment_that_was_announced(scene: Scene) -> None:
    _publish(scene, "nothing")
    entry = _entry(scene)
    early = SOON - timedelta(microseconds=1)
    told = [selectors.scores_visible(submission=entry, viewer=scene.member, now=now) for now in (early, SOON)]
    assert told == [False, True]


@pytest.mark.parametrize(
    ("role", "team", "count"),
    [
        ("member", None, 1),
        ("member", "north", 1),
        ("member", "south", 0),
        ("outsider", None, 0),
        ("outsider", "north", 0),
        ("organiser", None, 0),
        ("organiser", "north", 1),
    ],
)
def test_a_list_holds_ones_own_teams_entries(scene: Scene, role: str, team: str | None, count: int) -> None:
    _entry(scene)
    viewer = _viewer(role)
    assert viewer is not None
    assert selectors.submissions_of(viewer=viewer, now=NOW, team=team).count() == count


def test_a_person_in_several_ways_related_to_an_entry_sees_it_once(scene: Scene) -> None:
    _entry(scene, baseline=True)
    scene.phase.task.challenge.organisers.add(scene.member, scene.captain)
    assert selectors.visible_submissions(viewer=scene.member, now=NOW).count() == 1
