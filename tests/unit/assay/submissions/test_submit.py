"""Entering an image into a phase, taking it back, and why an entry is refused."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Membership, Role, User
from assay.audit.models import Entry
from assay.config.errors import Refused
from assay.evaluations.models import Evaluation
from assay.images.models import ImageState
from assay.submissions import services
from assay.submissions.codes import ALPHABET
from assay.submissions.errors import (
    BadCard,
    BadMethod,
    ImageNotReady,
    ImageTooLarge,
    NotOrganiserHere,
    PhaseClosed,
    QuotaSpent,
    SubmissionEnded,
)
from assay.submissions.models import Submission
from assay.submissions.services import Submitted
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.fixtures import messages_of
from tests.unit.assay.evaluations.scene import (
    NOW,
    Scene,
    claim,
    digest,
    finish,
    make_image,
    make_phase,
    score_all,
    start_scoring,
)

S = EvaluationState


def enter(scene: Scene, **changes: Any) -> Submitted:
    """The captain's entry of the scene's image."""
    arguments: dict[str, Any] = {
        "actor": scene.captain,
        "team": scene.team,
        "phase": scene.phase,
        "config_digest": scene.image.config_digest,
        "method": "VarNet",
        "card": {},
        "now": NOW,
        **changes,
    }
    return services.submit(**arguments)


def test_an_entry_is_queued_announced_and_written_down(scene: Scene) -> None:
    entered = enter(scene, method="  Var  Net ", card={"Training data": "fastMRI"}).submission
    stored = Submission.objects.get(code=entered.code)
    assert (stored.method, stored.card, stored.received_at, stored.user) == (
        "Var Net",
        {"training_data": "fastMRI"},
        NOW,
        scene.captain,
    )
    evaluation = stored.evaluation
    assert (evaluation.state, evaluation.purpose, evaluation.announced_at) == (S.QUEUED, "ranked", NOW)
    assert evaluation.dataset == scene.dataset
    assert Entry.objects.get(tag="team:submission:create").actor == scene.captain


def test_answers_of_a_method_card_keep_their_order(scene: Scene) -> None:
    card = {"licence": "MIT", "training data": "fastMRI", "backbone": "U-Net"}
    stored = Submission.objects.get(pk=enter(scene, card=card).submission.pk).card
    assert list(stored.items()) == [("backbone", "U-Net"), ("training_data", "fastMRI"), ("licence", "MIT")]


def test_codes_are_short_and_leave_out_what_is_misread(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not set("01OIL") & set(ALPHABET)
    first = enter(scene).submission
    assert re.fullmatch(f"[{ALPHABET}]{{4}}", first.code)
    drawn = iter([first.code, first.code, "7K2M"])
    monkeypatch.setattr(services, "draw_code", lambda *, length: next(drawn))
    assert enter(scene, again=True).submission.code == "7K2M"


@pytest.mark.parametrize(
    ("changes", "error", "code", "status"),
    [
        pytest.param({"actor": "outsider"}, NotYourTeam, "NOT_YOUR_TEAM", 403, id="another team's person"),
        pytest.param({"actor": "organiser"}, NotYourTeam, "NOT_YOUR_TEAM", 403, id="an organiser outside the team"),
        pytest.param({"config_digest": digest("x")}, ImageNotReady, "IMAGE_NOT_READY", 409, id="unknown image"),
        pytest.param({"config_digest": digest("second")}, ImageNotReady, "IMAGE_NOT_READY", 409, id="another team's"),
        pytest.param({"now": NOW + timedelta(days=11)}, PhaseClosed, "PHASE_CLOSED", 409, id="after the close"),
        pytest.param({"now": NOW - timedelta(days=11)}, PhaseClosed, "PHASE_CLOSED", 409, id="before it opens"),
        pytest.param({"baseline": True}, NotOrganiserHere, "NOT_ORGANISER", 403, id="a baseline by a team"),
        pytest.param({"method": "  "}, BadMethod, "BAD_METHOD", 422, id="no name"),
        pytest.param({"method": "a\u202eb"}, BadMethod, "BAD_METHOD", 422, id="a name that turns the line around"),
        pytest.param({"method": "m" * 81}, BadMethod, "BAD_METHOD", 422, id="a long name"),
        pytest.param({"card": {"loss": "x" * 5000}}, BadCard, "BAD_CARD", 422, id="a long answer"),
        pytest.param({"card": {"colour": "red"}}, BadCard, "BAD_CARD", 422, id="an unknown question"),
    ],
)
def test_a_refused_entry_writes_nothing_and_says_what_to_do(
    scene: Scene, changes: dict[str, Any], error: type[Refused], code: str, status: int
) -> None:
    if isinstance(changes.get("actor"), str):
        changes = {**changes, "actor": User.objects.get(username=changes["actor"])}
    with pytest.raises(error) as refused:
        enter(scene, **changes)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert refused.value.next
    assert not Submission.objects.exists()
    assert not Evaluation.objects.exists()
    assert not Entry.objects.filter(tag__startswith="team:submission").exists()


@pytest.mark.parametrize("state", [ImageState.NEEDED, ImageState.REJECTED])
def test_an_image_that_has_not_arrived_whole_is_not_entered(scene: Scene, state: ImageState) -> None:
    image = make_image(scene.team, "half", state=state)
    with pytest.raises(ImageNotReady):
        enter(scene, config_digest=image.config_digest)


def test_an_image_larger_than_the_phase_allows_is_refused_before_it_costs_anything(scene: Scene) -> None:
    image = make_image(scene.team, "fat", unpacked_bytes=2 * 2**30 + 1)
    with pytest.raises(ImageTooLarge, match="2147483648"):
        enter(scene, config_digest=image.config_digest)


def test_received_before_the_close_counts(scene: Scene) -> None:
    closes = scene.phase.closes_at
    assert closes is not None
    assert enter(scene, now=closes - timedelta(microseconds=1)).submission.received_at < closes
    with pytest.raises(PhaseClosed, match="Closed since"):
        enter(scene, now=closes, again=True)


def test_a_closed_phase_names_the_one_that_follows(scene: Scene) -> None:
    late = NOW + timedelta(days=11)
    with pytest.raises(PhaseClosed) as refused:
        enter(scene, now=late)
    assert refused.value.next == "The task has no later phase."
    opens = NOW + timedelta(days=20)
    make_phase(scene.phase.task, "final", dataset=scene.dataset, position=1, opens_at=opens, closes_at=None)
    with pytest.raises(PhaseClosed) as refused:
        enter(scene, now=late)
    assert refused.value.next.startswith("Next is cine/multicoil/final: Opens 5 Jul 2026")


def test_the_same_image_again_gives_the_old_entry_unless_asked_for(scene: Scene) -> None:
    first = enter(scene)
    second = enter(scene, method="Another name", now=NOW + timedelta(hours=1))
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.submission == first.submission
    score_all(scene)
    assert enter(scene).duplicate
    repeated = enter(scene, again=True)
    assert not repeated.duplicate
    assert repeated.submission.evaluation != first.submission.evaluation
    assert repeated.submission.evaluation.repeat == 1


def test_an_answer_by_an_earlier_scorer_does_not_stand_in_for_todays(scene: Scene) -> None:
    first = enter(scene)
    score_all(scene)
    type(first.submission.evaluation).objects.update(scorer="0" * 64)
    assert not enter(scene).duplicate


def test_an_image_that_failed_the_teams_way_is_not_run_again_by_accident(scene: Scene) -> None:
    enter(scene)
    finish(scene, claim(scene), failure={"code": "EXIT_CODE"})
    assert enter(scene).duplicate


def test_an_entry_that_we_broke_may_simply_be_made_again(scene: Scene) -> None:
    first = enter(scene)
    for _ in range(3):
        finish(scene, claim(scene), failure={"code": "ENGINE"})
    second = enter(scene)
    assert not second.duplicate
    assert second.submission.evaluation != first.submission.evaluation


def test_only_an_organiser_in_the_team_enters_baselines_and_they_cost_no_quota(scene: Scene) -> None:
    Membership.objects.create(user=scene.organiser, team=scene.team, role=Role.MEMBER, since=NOW)
    for number in range(5):
        image = make_image(scene.team, f"baseline {number}")
        entered = enter(scene, actor=scene.organiser, baseline=True, config_digest=image.config_digest)
        assert entered.submission.is_baseline
    assert not enter(scene).submission.is_baseline


def test_the_fourth_entry_of_a_day_is_told_when_the_next_slot_opens(scene: Scene) -> None:
    for number in range(3):
        enter(scene, config_digest=make_image(scene.team, f"image {number}").config_digest)
    with pytest.raises(QuotaSpent) as refused:
        enter(scene)
    assert (refused.value.used, refused.value.allowed) == (3, 3)
    assert refused.value.resets_at == NOW.replace(hour=0) + timedelta(days=1)
    assert refused.value.message == "3 of 3 submissions used today."
    assert refused.value.next == "Back at 2026-06-16 00:00 UTC."
    assert enter(scene, now=refused.value.resets_at).submission.evaluation.state == S.QUEUED


@pytest.mark.parametrize("round_", range(3))
def test_a_team_that_submits_many_at_once_never_gets_more_than_its_quota(
    committed_scene: Scene, broker: str, round_: int
) -> None:
    scene = committed_scene
    images = [make_image(scene.team, f"race {number}").config_digest for number in range(8)]
    gate = threading.Barrier(len(images))
    outcomes: list[str] = []

    def race(config_digest: str) -> None:
        try:
            gate.wait()
            enter(scene, config_digest=config_digest, actor=scene.member if round_ else scene.captain)
            outcomes.append("entered")
        except QuotaSpent:
            outcomes.append("spent")
        except Exception as error:  # noqa: BLE001 -- shown by the test
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(image,)) for image in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["entered"] * 3 + ["spent"] * 5
    assert Submission.objects.count() == Evaluation.objects.count() == 3
    assert messages_of(broker) == [("cpu", True)] * 3


def test_a_double_click_makes_one_entry(committed_scene: Scene) -> None:
    scene = committed_scene
    gate = threading.Barrier(4)
    made: list[Submitted] = []

    def click() -> None:
        try:
            gate.wait()
            made.append(enter(scene))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert sorted(one.duplicate for one in made) == [False, True, True, True]
    assert len({one.submission.code for one in made}) == 1


def test_cancelling_a_waiting_entry_ends_it_and_frees_the_slot(scene: Scene) -> None:
    entered = enter(scene).submission
    cancelled = services.cancel(actor=scene.member, submission=entered, now=NOW)
    assert cancelled.evaluation.state == S.CANCELLED
    assert cancelled.withdrawn_at == NOW
    with pytest.raises(SubmissionEnded):
        services.cancel(actor=scene.member, submission=entered, now=NOW)
    for number in range(3):
        enter(scene, config_digest=make_image(scene.team, f"image {number}").config_digest)


def test_cancelling_a_running_entry_asks_the_worker_to_stop(scene: Scene) -> None:
    entered = enter(scene).submission
    job = claim(scene)
    start_scoring(scene, job)
    stopping = services.cancel(actor=scene.captain, submission=entered, now=NOW)
    assert (stopping.evaluation.state, stopping.evaluation.cancel_requested_at) == (S.SCORING, NOW)
    finish(scene, job, cancelled=True)
    assert Evaluation.objects.get().state == S.CANCELLED
    assert not enter(scene).duplicate


def test_only_the_team_or_an_organiser_takes_an_entry_back(scene: Scene) -> None:
    entered = enter(scene).submission
    for verb in (services.cancel, services.withdraw):
        with pytest.raises(NotYourTeam):
            verb(actor=scene.outsider, submission=entered, now=NOW)
    assert services.cancel(actor=scene.organiser, submission=entered, now=NOW).withdrawn_at == NOW


def test_withdrawing_a_scored_entry_keeps_its_scores_in_the_record(scene: Scene) -> None:
    entered = enter(scene).submission
    score_all(scene)
    withdrawn = services.withdraw(actor=scene.captain, submission=entered, now=NOW)
    assert withdrawn.evaluation.state == S.SCORED
    assert withdrawn.evaluation.scores.count() == 3
    later = services.withdraw(actor=scene.captain, submission=entered, now=NOW + timedelta(hours=1))
    assert later.withdrawn_at == NOW


def test_an_evaluation_that_two_phases_share_is_stopped_only_when_both_let_go(scene: Scene) -> None:
    twin = make_phase(scene.phase.task, "twin", dataset=scene.dataset, position=1)
    first, second = enter(scene).submission, enter(scene, phase=twin).submission
    assert first.evaluation == second.evaluation
    services.cancel(actor=scene.captain, submission=first, now=NOW)
    assert Evaluation.objects.get().state == S.QUEUED
    services.cancel(actor=scene.captain, submission=second, now=NOW)
    assert Evaluation.objects.get().state == S.CANCELLED
