"""The method card of an entry: what a task asks for, and what its team changes afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import User
from assay.audit.models import Entry
from assay.submissions.cards import edit_card
from assay.submissions.errors import BadCard, CardIncomplete
from assay.submissions.models import Submission
from tests.unit.assay.evaluations.scene import NOW, Scene
from tests.unit.assay.submissions.test_api import Call, _entry, call
from tests.unit.assay.submissions.test_submit import enter

__all__ = ["call"]


def ask_for(scene: Scene, *fields: str) -> None:
    scene.phase.task.card_required = list(fields)
    scene.phase.task.save()


def change(submission: Submission, actor: Any, **answers: str) -> Submission:
    return edit_card(actor=actor, submission=submission, answers=answers, now=NOW)


def test_an_entry_must_say_what_its_task_asks_for(scene: Scene) -> None:
    ask_for(scene, "backbone", "licence")
    with pytest.raises(CardIncomplete) as refused:
        enter(scene, card={"licence": "MIT", "backbone": " "})
    assert refused.value.message == "This task asks every entry for: Backbone."
    assert "`backbone: …`" in refused.value.next
    assert not Submission.objects.exists()
    assert enter(scene, card={"licence": "MIT", "backbone": "U-Net"}).submission.card["backbone"] == "U-Net"


def test_a_team_changes_its_card_and_the_record_keeps_what_it_said(scene: Scene) -> None:
    entry = enter(scene, card={"backbone": "U-Net", "licence": "MIT"}).submission
    change(entry, scene.member, backbone="VarNet", licence="MIT", loss="SSIM")
    assert Submission.objects.get(pk=entry.pk).card == {"backbone": "VarNet", "loss": "SSIM", "licence": "MIT"}
    kept = Entry.objects.get(tag="team:submission:card")
    assert kept.actor == scene.member
    assert kept.detail == {"before": {"backbone": "U-Net", "loss": ""}, "after": {"backbone": "VarNet", "loss": "SSIM"}}


def test_the_same_card_again_is_no_change(scene: Scene) -> None:
    entry = enter(scene, card={"backbone": "U-Net"}).submission
    change(entry, scene.captain, Backbone="U-Net ")
    assert not Entry.objects.filter(tag="team:submission:card").exists()


def test_what_cannot_be_taken_leaves_the_card_as_it_was(scene: Scene) -> None:
    ask_for(scene, "backbone")
    entry = enter(scene, card={"backbone": "U-Net"}).submission
    with pytest.raises(BadCard, match=r"did you mean licence\?"):
        change(entry, scene.captain, backbone="U-Net", licnese="MIT")
    with pytest.raises(CardIncomplete):
        change(entry, scene.captain, licence="MIT")
    assert Submission.objects.get(pk=entry.pk).card == {"backbone": "U-Net"}


def test_only_its_team_and_organisers_write_a_card(scene: Scene) -> None:
    entry = enter(scene, card={}).submission
    with pytest.raises(NotYourTeam):
        change(entry, User.objects.create_user(username="stranger", email="stranger@example.org"), backbone="U-Net")
    change(entry, scene.organiser, backbone="U-Net")
    assert Submission.objects.get(pk=entry.pk).card == {"backbone": "U-Net"}


def test_over_the_api_the_card_is_read_changed_and_refused(scene: Scene, call: Call) -> None:
    asked = call("GET", "/method-card", role=None).json()
    assert [field["key"] for field in asked["fields"]][:2] == ["backbone", "physics"]
    ask_for(scene, "backbone")
    assert call("GET", "/phases/cine/multicoil/test", role=None).json()["card_required"] == ["backbone"]
    refused = call("POST", "/submissions", _entry(scene))
    assert (refused.status_code, refused.json()["error"]) == (422, "CARD_INCOMPLETE")
    code = call("POST", "/submissions", _entry(scene, card={"Backbone": "U-Net"})).json()["id"]
    answer = call("PUT", f"/submissions/{code}/card", {"card": {"backbone": "VarNet", "parameters": "2 M"}})
    assert answer.json()["card"] == {"backbone": "VarNet", "parameters": "2000000"}
    assert call("PUT", f"/submissions/{code}/card", {"card": {"x": "y"}}).status_code == 422
    assert call("PUT", f"/submissions/{code}/card", {"card": {}}, role="organiser").status_code in {403, 422}
    assert call("PUT", f"/submissions/{code}/card", {"card": {}}, role=None).status_code == 401
