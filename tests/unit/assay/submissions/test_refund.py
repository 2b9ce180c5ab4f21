"""An organiser gives a team its submission back."""

from __future__ import annotations

from typing import Any

import pytest

from assay.accounts.models import Scope, User
from assay.audit.models import Entry
from assay.submissions import selectors, services
from assay.submissions.errors import BadReason, NothingToRefund, NotOrganiserHere, QuotaSpent
from assay.submissions.models import Submission
from tests.unit.assay.conftest import client_with, token_of
from tests.unit.assay.evaluations.scene import NOW, Scene, claim, finish, make_image
from tests.unit.assay.submissions.test_quota import _bring_to, _read
from tests.unit.assay.submissions.test_submit import enter

WHY = "The evaluator's clock was wrong."


def refund(scene: Scene, *, actor: User | None = None, reason: str = WHY) -> Submission:
    entry = Submission.objects.get()
    return services.refund(actor=actor or scene.organiser, submission=entry, reason=reason, now=NOW)


@pytest.mark.parametrize("state", ["failed", "scored", "queued"])
def test_what_is_given_back_counts_no_more(scene: Scene, state: str) -> None:
    _bring_to(scene, state)
    assert _read(scene) == (1, 1)
    refund(scene)
    assert _read(scene) == (0, 0)
    deed = Entry.objects.get(tag="organiser:submission:refund")
    assert (deed.actor, deed.detail) == (scene.organiser, {"reason": WHY})


def test_a_team_without_a_slot_may_enter_again(scene: Scene) -> None:
    scene.phase.quota = {"submissions": 1, "every": "phase", "attempts": 1}
    scene.phase.save()
    _bring_to(scene, "failed")
    other = make_image(scene.team, "another").config_digest
    with pytest.raises(QuotaSpent):
        enter(scene, config_digest=other)
    refund(scene)
    assert enter(scene, config_digest=other).duplicate is False


def test_refunding_twice_is_one_refund_with_its_first_reason(scene: Scene) -> None:
    _bring_to(scene, "failed")
    refund(scene)
    assert refund(scene, reason="Another reason.").refund_reason == WHY
    assert Entry.objects.filter(tag="organiser:submission:refund").count() == 1


def test_what_frees_itself_cannot_be_given_back_and_is_told_in_the_same_words(scene: Scene) -> None:
    _bring_to(scene, "broken by us")
    with pytest.raises(NothingToRefund, match="does not count against the quota"):
        refund(scene)


def test_only_organisers_give_back_and_they_say_why(scene: Scene) -> None:
    _bring_to(scene, "failed")
    for person in (scene.captain, scene.outsider):
        with pytest.raises(NotOrganiserHere):
            refund(scene, actor=person)
    for reason in ("", "  ", "x" * 301, "a\x07"):
        with pytest.raises(BadReason):
            refund(scene, reason=reason)
    assert _read(scene) == (1, 1)


def test_page_history_sentence_and_api_say_so(scene: Scene, client: Any) -> None:
    enter(scene)
    finish(scene, claim(scene), failure={"code": "EXIT_CODE"})
    code = Submission.objects.get().code
    client.force_login(scene.organiser)
    assert "Give this submission back" in client.get(f"/s/{code}").content.decode()
    client.post(f"/s/{code}/refund", {"reason": WHY})
    client.force_login(scene.captain)
    page = client.get(f"/s/{code}").content.decode()
    assert "It does not count against the quota." in page
    assert "It counts against the quota." not in page
    assert page.count("The evaluator&#x27;s clock was wrong.") == 2  # in the notice, and in the history
    assert "Give this submission back" not in page
    told = client_with(token_of(scene.captain)).get(f"/api/v1/submissions/{code}").json()
    assert told["sentence"].endswith("Refunded: it does not count against the quota.")
    assert selectors.describe(Submission.objects.get()).sentence == told["sentence"]


def test_over_the_api_for_organisers_alone(scene: Scene) -> None:
    _bring_to(scene, "failed")
    address = f"/api/v1/submissions/{Submission.objects.get().code}/refund"
    for person, status in ((scene.captain, 403), (scene.organiser, 200)):
        scopes = (Scope.TEAM, Scope.ORGANISER) if person.is_staff else (Scope.TEAM,)
        answer = client_with(token_of(person, *scopes)).post(address, {"reason": WHY}, content_type="application/json")
        assert answer.status_code == status
